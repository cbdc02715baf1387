import { orchestrate, pollingWay } from "./orchestrate.ts";
import type { Row } from "./row.ts";

export const row: Row = {
  title: "one orchestration: from the child's end to the parent's next job",
  unit: "ms",
  against: pollingWay,
  async measure() {
    const ways = await orchestrate();
    return {
      ours: ways.circleback.map((each) => each.delay),
      theirs: ways.polling.map((each) => each.delay),
    };
  },
};
