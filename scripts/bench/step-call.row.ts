import type { Row } from "./row.ts";
import { measureSteps, shellStep } from "./steps.ts";

export const row: Row = {
  title: "the job with approve-in-parent",
  unit: "ms",
  against: shellStep,
  async measure() {
    const { circleback, shell } = await measureSteps();
    return { ours: circleback.call, theirs: shell.call };
  },
};
