import { orchestrate, shellWay } from "./orchestrate.ts";
import type { Row } from "./row.ts";

export const row: Row = {
  title: "one orchestration: calls of CircleCI's API",
  unit: "",
  against: shellWay,
  async measure() {
    const ways = await orchestrate();
    return { ours: ways.circleback.map((each) => each.calls), theirs: ways.shell.map((each) => each.calls) };
  },
};
