import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { installNodeScript, runScript, runStep, Sandbox } from "../support/orb-step.ts";
import { shells } from "../support/shells.ts";

const ended = { signal: null, stdout: "", stderr: "" };

describe.each(shells)("run.sh under $name", (shell) => {
  test.each([0, 1, 8, 70, 255])("exits with the program's exit code %i", async (code) => {
    using sandbox = new Sandbox();
    expect(await runStep(shell, sandbox, `process.exit(${code})`)).toEqual({ ...ended, code });
    expect(sandbox.leftovers()).toEqual([]);
  });

  test("hands the step's environment to the program, without the program itself", async () => {
    using sandbox = new Sandbox();
    const program = `
      const { PWD, OLDPWD, SHLVL, _, ...env } = process.env; // what shells add on their own
      console.log(JSON.stringify(env));`;
    const result = await runStep(shell, sandbox, program, {
      CIRCLE_JOB: "a $(touch x) `b` \"c\" 'd'\n<<e>>",
    });
    expect(JSON.parse(result.stdout)).toEqual({
      PATH: process.env.PATH,
      HOME: sandbox.home,
      TMPDIR: sandbox.temporary,
      CIRCLEBACK_PARAM_INSTALL_NODE: "1",
      CIRCLE_JOB: "a $(touch x) `b` \"c\" 'd'\n<<e>>",
      NODE_USE_ENV_PROXY: "1",
    });
  });

  test("leaves the user's variables alone", async () => {
    using sandbox = new Sandbox();
    const names = ["dir", "signal", "code", "node", "folder", "found", "run", "version"];
    const env = Object.fromEntries(names.map((name) => [name, `my ${name}`]));
    const program = `console.log(JSON.stringify(${JSON.stringify(names)}.map((name) => process.env[name])))`;
    const result = await runStep(shell, sandbox, program, env);
    expect(JSON.parse(result.stdout)).toEqual(names.map((name) => `my ${name}`));
  });

  test("runs in the step's working directory, with its umask and an empty standard input", async () => {
    using sandbox = new Sandbox();
    const program = `console.log(JSON.stringify([
      process.cwd(), process.umask(), require("node:fs").readFileSync(0, "utf8"), process.argv.length]))`;
    const result = await runStep(shell, sandbox, program);
    expect(JSON.parse(result.stdout)).toEqual([sandbox.folder, process.umask(), "", 2]);
  });

  test("keeps the program in a folder that only its user can enter", async () => {
    using sandbox = new Sandbox();
    const program = `console.log((require("node:fs").statSync(__dirname).mode & 0o777).toString(8), __dirname)`;
    const result = await runStep(shell, sandbox, program);
    expect(result.stdout).toMatch(/^700 /);
    expect(result.stdout).toContain(`${sandbox.temporary}/`);
  });

  test("carries a program of 40 KB byte for byte", async () => {
    using sandbox = new Sandbox();
    const lines = `const { readFileSync } = require("node:fs");
      const hash = require("node:crypto").createHash("sha256").update(readFileSync(__filename));
      console.log(hash.digest("hex")); // %s %d \\n \\\\ \\0 \`x\` $HOME $(id) "'!\t\n`;
    const program = `${lines}//${"\\n%s".repeat(12_000)}`.slice(0, 40 * 1024);
    const result = await runStep(shell, sandbox, program);
    expect(result.stdout).toBe(`${createHash("sha256").update(program).digest("hex")}\n`);
  });

  test("works in a folder for temporary files with spaces and quotes in its name", async () => {
    using sandbox = new Sandbox(`a  b'c"$(touch pwned);d`);
    expect(await runStep(shell, sandbox, "process.exit(3)")).toEqual({ ...ended, code: 3 });
    expect(sandbox.leftovers()).toEqual([]);
  });

  test("works without HOME and without TMPDIR", async () => {
    using sandbox = new Sandbox();
    const result = await runStep(shell, sandbox, `console.log("works")`, {
      HOME: undefined,
      TMPDIR: undefined,
    });
    expect(result).toEqual({ ...ended, code: 0, stdout: "works\n" });
  });

  test("is deaf to NODE_OPTIONS that are meant for other programs", async () => {
    using sandbox = new Sandbox();
    const result = await runStep(shell, sandbox, "console.log(process.env.NODE_OPTIONS)", {
      NODE_OPTIONS: "--require /nowhere/register.js --no-such-option",
    });
    expect(result).toEqual({ ...ended, code: 0, stdout: "undefined\n" });
  });

  test("fails when it cannot make its folder", async () => {
    using sandbox = new Sandbox();
    const result = await runStep(shell, sandbox, "process.exit(0)", { TMPDIR: "/nowhere" });
    expect({ ...result, stderr: result.stderr.split("\n").at(-2) }).toEqual({
      ...ended,
      code: 2,
      stderr: "Error: circleback cannot make a folder for its program in /nowhere.",
    });
  });

  describe("between two steps of one command", () => {
    const kept = (sandbox: Sandbox) => existsSync(join(sandbox.folder, ".circleback/program"));
    const first = { CIRCLEBACK_PART: "first" };
    const second = {
      CIRCLEBACK_PART: "second",
      CIRCLEBACK_PROGRAM: undefined,
      CIRCLEBACK_INSTALL_NODE_SCRIPT: undefined,
    };

    test("hands the program on, in a folder that only its user can enter, and tidies up", async () => {
      using sandbox = new Sandbox();
      const program = "console.log(process.env.CIRCLEBACK_PART)";
      const before = await runStep(shell, sandbox, program, first);
      const folder = join(sandbox.folder, ".circleback/program");
      expect([before.stdout, (statSync(folder).mode & 0o777).toString(8), sandbox.leftovers()]).toEqual([
        "first\n",
        "700",
        [],
      ]);
      const after = await runStep(shell, sandbox, "", second);
      expect([after, kept(sandbox), sandbox.leftovers()]).toEqual([
        { ...ended, code: 0, stdout: "second\n" },
        false,
        [],
      ]);
    });

    test("keeps nothing of a first step that failed", async () => {
      using sandbox = new Sandbox();
      const { code } = await runStep(shell, sandbox, "process.exit(4)", first);
      expect([code, kept(sandbox)]).toEqual([4, false]);
    });

    test("can repeat a second step that failed", async () => {
      using sandbox = new Sandbox();
      const program = 'process.exit(process.env.CIRCLEBACK_PART === "second" ? 8 : 0)';
      const codes = [];
      for (const part of [first, second, second])
        codes.push((await runStep(shell, sandbox, program, part)).code);
      expect(codes).toEqual([0, 8, 8]);
    });

    test("takes the newest program where an older one is still there", async () => {
      using sandbox = new Sandbox();
      await runStep(shell, sandbox, "console.log(1)", first);
      await runStep(shell, sandbox, "console.log(2)", first);
      expect((await runStep(shell, sandbox, "", second)).stdout).toBe("2\n");
    });

    test("fails where the first step has left nothing", async () => {
      using sandbox = new Sandbox();
      const { code, stderr } = await runStep(shell, sandbox, "", second);
      expect([code, stderr.trimEnd().split("\n").at(-1), sandbox.leftovers()]).toEqual([
        2,
        "Error: the step before this one has left no program in .circleback/program.",
        [],
      ]);
    });
  });

  test("runs twice at the same time", async () => {
    using sandbox = new Sandbox();
    const program = (code: number) => `setTimeout(() => process.exit(${code}), 300)`;
    const results = await Promise.all([3, 4].map((code) => runStep(shell, sandbox, program(code))));
    expect(results).toEqual([
      { ...ended, code: 3 },
      { ...ended, code: 4 },
    ]);
    expect(sandbox.leftovers()).toEqual([]);
  });
});

test.each([
  ["run.sh", runScript],
  ["install-node.sh", installNodeScript],
])("%s survives packing: it is ASCII, without what packing rewrites", (_name, script) => {
  expect(script).toMatch(/^[\n\x20-\x7e]+$/);
  expect(script).not.toContain("<<");
});
