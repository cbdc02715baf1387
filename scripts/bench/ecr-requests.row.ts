import { deliverBothWays, wholeDelivery } from "./ecr-delivery.ts";
import type { Row } from "./row.ts";

/** Those of `docker` included: it asks the registry about every layer for every tag that it pushes. */
export const row: Row = {
  title: "requests to AWS and the registry together",
  unit: "",
  against: wholeDelivery,
  async measure() {
    const { ours, theirs } = await deliverBothWays();
    return { ours: [ours.calls.length + ours.requests], theirs: [theirs.calls.length + theirs.requests] };
  },
};
