import { expect, test } from "vitest";
import { parseDuration } from "../../../src/simulator/scenario/duration.ts";

test.each([
  ["250ms", 250],
  ["2s", 2_000],
  ["5m", 300_000],
  ["1h", 3_600_000],
  ["1m30s", 90_000],
  ["1h2m3s4ms", 3_723_004],
  ["0s", 0],
  ["1.5s", 1_500],
  ["596h", 2_145_600_000],
])("reads %s as %i milliseconds", (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

test.each(["", "5", "5 m", "m", "30s1m", "1d", "-1s", "1s1s", " 1s", "1e3s", "597h"])(
  "knows no duration %j",
  (text) => {
    expect(parseDuration(text)).toBeNull();
  },
);
