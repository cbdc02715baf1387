import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

function read(path: string): string {
  return readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
}

test("the README explains every exit code once, in their order", () => {
  const codes = [...read("src/errors.ts").matchAll(/^ {2}"[a-z.-]+": (\d+),$/gm)].map(([, code]) =>
    Number(code),
  );
  const [, section = ""] = read("README.md").split("## Errors and exit codes\n");
  const [table = ""] = section.split("\n## ");
  const rows = [...table.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
  expect(codes.length).toBeGreaterThan(40);
  expect(rows).toEqual([...new Set(codes)].toSorted((a, b) => a - b));
});
