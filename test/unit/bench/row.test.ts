import { expect, test } from "vitest";
import { atEnd, endAll } from "../../../scripts/bench/row.ts";

test("everything is stopped at the end, the last first, also where something cannot be", async () => {
  const stopped: string[] = [];
  atEnd(async () => void stopped.push("first"));
  atEnd(async () => Promise.reject(new Error("stuck")));
  atEnd(async () => void stopped.push("last"));
  expect([await endAll(), stopped]).toEqual([[new Error("stuck")], ["last", "first"]]);
  expect(await endAll()).toEqual([]);
});
