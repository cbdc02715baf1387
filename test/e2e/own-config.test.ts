import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compile } from "../../src/simulator/compiler/compile.ts";

test("this repository's own configuration compiles", () => {
  const source = readFileSync(new URL("../../.circleci/config.yml", import.meta.url), "utf8");
  const result = compile({ source, orbs: new Map(), parameters: {}, values: { "git.branch": "main" } });
  expect(result).toMatchObject({ ok: true, config: { workflows: [{ name: "build-and-test" }] } });
});
