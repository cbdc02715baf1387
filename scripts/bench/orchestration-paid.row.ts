import { orchestrate, pollingWay } from "./orchestrate.ts";
import type { Row } from "./row.ts";

export const row: Row = {
  title: "one orchestration: compute that the parent pays for",
  unit: "ms",
  against: pollingWay,
  async measure() {
    const ways = await orchestrate();
    return { ours: ways.circleback.map((each) => each.paid), theirs: ways.polling.map((each) => each.paid) };
  },
};
