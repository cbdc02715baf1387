import { expect, test } from "vitest";
import { bundleBudget, checkBundle, hideShifts } from "../../../scripts/bundle.ts";

test.each([
  ["a program over budget", "x".repeat(bundleBudget + 1), "has 40001 bytes; 40000 are allowed"],
  ["a program that packing would rewrite", 'say("<<")', 'has "<<" in it'],
  ["a program that is not plain ASCII", 'say("…")', 'is not plain ASCII: it has "…"'],
])("refuses %s", (_, program, message) => {
  expect(() => checkBundle("sample", program)).toThrow(message);
});

test("spells two angle brackets in a string so that packing leaves them alone", () => {
  const program = hideShifts('globalThis.said = "<< parameters.x >>";');
  expect(program).not.toContain("<<");
  expect(new Function(`const globalThis = {}; ${program} return globalThis.said;`)()).toBe(
    "<< parameters.x >>",
  );
});

test("refuses a shift, which cannot be spelt otherwise", () => {
  expect(() => hideShifts("const x = 1 << 2;")).toThrow(SyntaxError);
});
