import { expect, test } from "vitest";
import { findObstacle, parseFilters } from "../../../src/commands/slack-notify/filters.ts";

const isTold = (given: { branches?: string; tags?: string }, env: Record<string, string>) =>
  findObstacle(
    { onlyBranches: parseFilters(given.branches ?? ""), onlyTags: parseFilters(given.tags ?? "") },
    env,
  ) === null;

test.each([
  [{}, { branch: "main", tag: "v1" }],
  [{ branches: "main, release/*" }, { branch: "main" }],
  [{ branches: "main, release/*" }, { branch: "release/1.0" }],
  [{ branches: "develop\n/^(main|release)$/" }, { branch: "release" }],
  [{ branches: "/^v\\d{1,3}$/" }, { branch: "v12" }],
  [{ branches: "/^(?!renovate/)/" }, { branch: "feature/x" }],
  [{ branches: "/MAIN/i" }, { branch: "my-main-branch" }],
  [{ tags: "v*" }, { tag: "v1.0" }],
  [{ branches: "main", tags: "v*" }, { tag: "v1.0" }],
  [{ branches: "main", tags: "v*" }, { branch: "main" }],
])("%j lets %j pass", (given, { branch = "", tag = "" }: { branch?: string; tag?: string }) => {
  expect(isTold(given, { CIRCLE_BRANCH: branch, CIRCLE_TAG: tag })).toBe(true);
});

test.each([
  [{ branches: "main" }, { branch: "my-main" }],
  [{ branches: "release/*" }, { branch: "release" }],
  [{ branches: "mai." }, { branch: "main" }],
  [{ branches: "/^(?!renovate/)/" }, { branch: "renovate/vitest" }],
  [{ branches: "main" }, { tag: "main" }],
  [{ tags: "v*" }, { branch: "v1" }],
  [{ branches: "*" }, { tag: "v1" }],
])("%j keeps %j back", (given, { branch = "", tag = "" }: { branch?: string; tag?: string }) => {
  expect(isTold(given, { CIRCLE_BRANCH: branch, CIRCLE_TAG: tag })).toBe(false);
});

test.each([
  [
    "/(/",
    "has no regular expression of JavaScript in it: Invalid regular expression: /(/: Unterminated group",
  ],
  ["/main", 'has a regular expression without its last slash: "/main"'],
])("refuses %s", (text, message) => {
  expect(() => parseFilters(text)).toThrow(message);
});

test("looks a second at most for a match that has no end", () => {
  const [filter] = parseFilters("/^(a+)+$/");
  const begin = performance.now();
  expect(() => filter?.(`${"a".repeat(200)}!`)).toThrow(/^\/\^\(a\+\)\+\$\/ finds no end of "a{200}!"\.$/);
  expect(performance.now() - begin).toBeLessThan(30_000);
});
