import { orchestrate, shellWay } from "./orchestrate.ts";
import type { Row } from "./row.ts";

export const row: Row = {
  title: "one orchestration: from the child's end to the parent's next job",
  unit: "ms",
  against: shellWay,
  async measure() {
    const ways = await orchestrate();
    return { ours: ways.circleback.map((each) => each.delay), theirs: ways.shell.map((each) => each.delay) };
  },
};
