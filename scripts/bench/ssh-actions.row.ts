import type { Row } from "./row.ts";
import { compareActions } from "./ssh-actions.ts";

export const row: Row = {
  title: "ten actions on a host",
  unit: "ms",
  against: "ssh for each",
  measure: () => compareActions(0),
};
