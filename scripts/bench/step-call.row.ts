import { orchestrate, shellWay } from "./orchestrate.ts";
import type { Row } from "./row.ts";

export const row: Row = {
  title: "the job with approve-in-parent",
  unit: "ms",
  against: shellWay,
  async measure() {
    const ways = await orchestrate();
    return { ours: ways.circleback.map((each) => each.call), theirs: ways.shell.map((each) => each.call) };
  },
};
