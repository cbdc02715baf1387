import { expect, test } from "vitest";
import { parseBranches } from "../../../src/commands/trigger-and-wait/branches.ts";

const env = { CIRCLE_BRANCH: "feature/x", EMPTY: "", SECRET: "a secret with blanks" };

test.each([
  ["", []],
  ["main", ["main"]],
  ["${CIRCLE_BRANCH}, develop ,main", ["feature/x", "develop", "main"]],
  ["${EMPTY}, main", ["main"]],
])("reads %j", (text, branches) => {
  expect(parseBranches(text, env)).toEqual(branches);
});

test("repeats what was written, and not what a variable holds", () => {
  expect(() => parseBranches("main, ${SECRET}", env)).toThrow(
    'has a name that no branch can have: "${SECRET}"',
  );
});
