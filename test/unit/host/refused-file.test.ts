import { expect, test } from "vitest";
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

test("a file that the machine refuses is named, and is no bug", async () => {
  const host = createFakeHost({});
  const exit = await runCommand(definition, () => files.write("/dev/null/a", ""), host);
  expect([exit, host.lines[0]]).toEqual([
    2,
    "Error: This machine did not let write do something: EEXIST: file already exists, mkdir '/dev/null'. (file.failed)",
  ]);
});
