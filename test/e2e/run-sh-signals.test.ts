import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { Sandbox, startStep } from "../support/orb-step.ts";
import { shells } from "../support/shells.ts";

const untilEnded = "setTimeout(() => process.exit(9), 30_000);";
const tidyUp = (name: string) => `process.on("${name}", () => {
  console.log("got ${name}");
  setTimeout(() => process.exit(6), 200);
});`;

/** Sends the signal to the shell alone, as soon as the program says that it is ready. */
async function interrupt(step: ReturnType<typeof startStep>, signals: readonly NodeJS.Signals[]) {
  const [firstOutput] = await once(step.stdout, "data");
  expect(String(firstOutput)).toBe("ready\n");
  for (const signal of signals) step.child.kill(signal);
  return step.result;
}

describe.each(shells)("run.sh under $name", (shell) => {
  test.each(["SIGTERM", "SIGINT"] as const)(
    "passes %s on and waits for the program's own end",
    async (name) => {
      using sandbox = new Sandbox();
      const step = startStep(shell, sandbox, `${tidyUp(name)} console.log("ready"); ${untilEnded}`);
      expect(await interrupt(step, [name])).toEqual({
        code: 6,
        signal: null,
        stdout: `ready\ngot ${name}\n`,
        stderr: "",
      });
      expect(sandbox.leftovers()).toEqual([]);
    },
  );

  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
    ["SIGHUP", 143],
    ["SIGQUIT", 143],
  ] as const)("ends by %s a program that does not care, with exit code %i", async (name, code) => {
    using sandbox = new Sandbox();
    const result = await interrupt(startStep(shell, sandbox, `console.log("ready"); ${untilEnded}`), [name]);
    expect({ code: result.code, stdout: result.stdout }).toEqual({ code, stdout: "ready\n" });
    expect(sandbox.leftovers()).toEqual([]);
  });

  test("passes on a second signal while the program is tidying up", async () => {
    using sandbox = new Sandbox();
    const program = `
      process.on("SIGTERM", () => process.exit(7));
      process.on("SIGINT", () => console.log("got SIGINT"));
      console.log("ready"); ${untilEnded}`;
    const step = startStep(shell, sandbox, program);
    step.stdout.on("data", (chunk) => {
      if (String(chunk).includes("got SIGINT")) step.child.kill("SIGTERM");
    });
    const result = await interrupt(step, ["SIGINT"]);
    expect({ code: result.code, stdout: result.stdout }).toEqual({ code: 7, stdout: "ready\ngot SIGINT\n" });
    expect(sandbox.leftovers()).toEqual([]);
  });
});
