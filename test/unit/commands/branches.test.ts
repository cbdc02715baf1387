import { expect, test } from "vitest";
import { parseBranches } from "../../../src/commands/trigger-and-wait/branches.ts";

const env = { CIRCLE_BRANCH: "feature/x", EMPTY: "", SECRET: "a secret with blanks" };

test.each([
  ["", [], []],
  ["main", ["main"], []],
  ["${CIRCLE_BRANCH}, develop ,main", ["feature/x", "develop", "main"], []],
  ["${EMPTY}, main", ["main"], []],
  ["${NOPE}, main", ["main"], ["${NOPE}"]],
  ["${NOPE}, release-${NEVER} ,${EMPTY},main", ["main"], ["${NOPE}", "release-${NEVER}"]],
])("reads %j", (text, names, skipped) => {
  expect(parseBranches(text, env)).toEqual({ names, skipped });
});

test.each(["${NOPE}", "${NOPE}, ${NEVER}", "${NOPE}, ${EMPTY}"])(
  "refuses %j, of which nothing is left for want of a variable",
  (text) => {
    expect(() => parseBranches(text, env)).toThrow("uses ${NOPE}, but there is no environment variable NOPE");
  },
);

test("repeats what was written, and not what a variable holds", () => {
  expect(() => parseBranches("main, ${SECRET}", env)).toThrow(
    'has a name that no branch can have: "${SECRET}"',
  );
});
