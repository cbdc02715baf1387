import { deliverBothWays, wholeDelivery } from "./ecr-delivery.ts";
import type { Row } from "./row.ts";

export const row: Row = {
  title: "of these, the AWS CLI",
  unit: "",
  against: wholeDelivery,
  async measure() {
    const count = (paths: readonly string[]) => paths.filter((path) => path.endsWith("/aws")).length;
    const { ours, theirs } = await deliverBothWays();
    return { ours: [count(ours.started)], theirs: [count(theirs.started)] };
  },
};
