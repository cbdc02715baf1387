import type { Row } from "./row.ts";
import { compareActions } from "./ssh-actions.ts";

export const row: Row = {
  title: "ten actions on a host 50 ms away and back",
  unit: "ms",
  against: "ssh for each",
  measure: () => compareActions(50),
};
