import { orchestrate, shellWay } from "./orchestrate.ts";
import type { Row } from "./row.ts";

export const row: Row = {
  title: "one orchestration: compute that the parent pays for",
  unit: "ms",
  against: shellWay,
  async measure() {
    const ways = await orchestrate();
    return { ours: ways.circleback.map((each) => each.paid), theirs: ways.shell.map((each) => each.paid) };
  },
};
