import { orchestrate, pollingWay } from "./orchestrate.ts";
import type { Row } from "./row.ts";

export const row: Row = {
  title: "one orchestration: calls of CircleCI's API",
  unit: "",
  against: pollingWay,
  async measure() {
    const ways = await orchestrate();
    return {
      ours: ways.circleback.map((each) => each.calls),
      theirs: ways.polling.map((each) => each.calls),
    };
  },
};
