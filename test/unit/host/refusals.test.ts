import { expect, test } from "vitest";
import { exec } from "../../../src/host/exec.ts";
import { files } from "../../../src/host/files.ts";
import { defineCommand } from "../../../src/orb/define-command.ts";
import { runCommand } from "../../../src/run-command.ts";
import { createFakeHost } from "../../support/fake-host.ts";

const definition = defineCommand({
  name: "write",
  description: "",
  jobDescription: "",
  title: "",
  parameters: {},
});

test("a program that is given too much is no matter of files", async () => {
  const host = createFakeHost({});
  const long = "x".repeat(200_000);
  const run = async () => {
    await exec(["true", long], { env: {} });
  };
  expect([await runCommand(definition, run, host), host.lines]).toEqual([
    2,
    [
      "Error: This machine did not let write do something: spawn E2BIG. (file.failed)",
      expect.stringContaining("Shorten the longest parameter or variable: "),
    ],
  ]);
});

test("a file that the machine refuses is named, and is no bug", async () => {
  const host = createFakeHost({});
  const exit = await runCommand(definition, () => files.write("/dev/null/a", ""), host);
  expect([exit, host.lines[0]]).toEqual([
    2,
    "Error: This machine did not let write do something: EEXIST: file already exists, mkdir '/dev/null'. (file.failed)",
  ]);
});
