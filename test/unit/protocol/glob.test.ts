import fc from "fast-check";
import { expect, test } from "vitest";
import { matchesAny } from "../../../src/protocol/glob.ts";

test.each([
  ["build", "build", true],
  ["build", "buil", false],
  ["build", "*", true],
  ["", "*", true],
  ["build", "b*d", true],
  ["build", "*il*", true],
  ["build", "bui*ild", false],
  ["aba", "ab*ba", false],
  ["a-b-c", "a*b*c", true],
  ["a-c-b", "a*b*c", false],
  ["a.b", "a?b", false],
  ["line\nbreak", "line*break", true],
])("fits %j to %j: %j", (name, pattern, fits) => {
  expect(matchesAny(name, [pattern])).toBe(fits);
});

test("fits what a regular expression fits", () => {
  const letters = (more: string) => fc.string({ unit: fc.constantFrom("a", "b", ...more), maxLength: 6 });
  fc.assert(
    fc.property(letters(""), letters("*"), (name, pattern) => {
      expect(matchesAny(name, [pattern])).toBe(new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(name));
    }),
  );
});

test("takes no longer for many stars", () => {
  const start = performance.now();
  expect(matchesAny("a".repeat(90), [`${"*a".repeat(6)}b`])).toBe(false);
  expect(performance.now() - start).toBeLessThan(1_000);
});
