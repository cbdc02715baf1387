import type { Row } from "./row.ts";
import { measureSteps, shellStep } from "./steps.ts";

export const row: Row = {
  title: "the job with trigger-and-wait",
  unit: "ms",
  against: shellStep,
  async measure() {
    const { circleback, shell } = await measureSteps();
    return { ours: circleback.trigger, theirs: shell.trigger };
  },
};
