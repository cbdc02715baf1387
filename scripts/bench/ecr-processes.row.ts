import { deliverBothWays, wholeDelivery } from "./ecr-delivery.ts";
import type { Row } from "./row.ts";

export const row: Row = {
  title: "programs started",
  unit: "",
  against: wholeDelivery,
  async measure() {
    const { ours, theirs } = await deliverBothWays();
    return { ours: [ours.started.length], theirs: [theirs.started.length] };
  },
};
