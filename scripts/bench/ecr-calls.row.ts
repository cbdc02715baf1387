import { deliverBothWays, wholeDelivery } from "./ecr-delivery.ts";
import type { Row } from "./row.ts";

/** Ours are more: it looks before it acts, and afterwards whether it is so. */
export const row: Row = {
  title: "calls of AWS's API",
  unit: "",
  against: wholeDelivery,
  async measure() {
    const { ours, theirs } = await deliverBothWays();
    return { ours: [ours.calls.length], theirs: [theirs.calls.length] };
  },
};
