import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { bundleBudget, bundleCommand, checkBundle } from "../../../scripts/bundle.ts";

test.each([
  ["a program over budget", "x".repeat(bundleBudget + 1), "has 40001 bytes; 40000 are allowed"],
  ["a program that packing would rewrite", 'say("<<")', 'has "<<" in it'],
  ["a program that is not plain ASCII", 'say("…")', 'is not plain ASCII: it has "…"'],
])("refuses %s", (_, program, message) => {
  expect(() => checkBundle("sample", program)).toThrow(message);
});

test("unpacks to a program that can be read, without what only the orb's own files say", async () => {
  const text = await bundleCommand("check-status");
  const shown = text.replace("module._compile(", "console.log(");
  const program = execFileSync(process.execPath, ["-e", shown], { encoding: "utf8" });
  expect(program).toContain("async function checkStatus(input");
  expect(program).not.toMatch(/^ *description:/m);
});
