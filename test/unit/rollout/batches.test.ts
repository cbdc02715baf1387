import { expect, test } from "vitest";
import { Unfit } from "../../../src/orb/parameter.ts";
import { batch, splitBatches } from "../../../src/rollout/batches.ts";

const split = (text: string, count: number, isFirstAlone = false) =>
  splitBatches(
    Array.from({ length: count }, (_, index) => index + 1),
    batch.parse(text, {}),
    isFirstAlone,
  );

test("makes batches of so many hosts, or of a part of them", () => {
  expect([split("1", 2), split("2", 5), split("50%", 5), split("10%", 5), split("100%", 3)]).toEqual([
    [[1], [2]],
    [[1, 2], [3, 4], [5]],
    [[1, 2], [3, 4], [5]],
    [[1], [2], [3], [4], [5]],
    [[1, 2, 3]],
  ]);
});

test("lets the first host go alone where it has something to do before the others", () => {
  expect([split("2", 4, true), split("100%", 1, true)]).toEqual([[[1], [2, 3], [4]], [[1]]]);
});

test.each(["0", "-1", "1.5", "0%", "101%", "all"])("refuses %s", (text) => {
  expect(() => batch.parse(text, {})).toThrow(Unfit);
});
