import { readdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  archivePath,
  cutOff,
  deliver,
  packNode,
  pinTo,
  refuse,
  startMirror,
} from "../support/node-mirror.ts";
import { runStep, Sandbox } from "../support/orb-step.ts";
import { ash, bash, shells } from "../support/shells.ts";
import { hasPrograms, makeToolbox } from "../support/toolbox.ts";

const realArchive = packNode(readFileSync(process.execPath));
// The same for the script, and quicker to unpack.
const archive = packNode(`#!/bin/sh\nexec '${process.execPath}' "$@"\n`);
const program = "console.log(process.execPath); process.exitCode = 3";
const installedNode = `.circleback/node-${process.version}/bin/node`;
const version = process.version.slice(1);

function withoutNode(sandbox: Sandbox, host: string, tools: readonly string[] = ["curl", "sha256sum"]) {
  return {
    PATH: makeToolbox(join(sandbox.folder, "bin"), tools),
    CIRCLEBACK_NODE_MIRROR: `http://${host}`,
    CIRCLEBACK_INSTALL_NODE_SCRIPT: pinTo(archive),
  };
}

describe.each(shells)("run.sh under $name, without Node", (shell) => {
  test("installs Node once for the job, and the next steps find it", async () => {
    using sandbox = new Sandbox();
    await using mirror = await startMirror(deliver(realArchive));
    const env = { ...withoutNode(sandbox, mirror.host), CIRCLEBACK_INSTALL_NODE_SCRIPT: pinTo(realArchive) };

    const first = await runStep(shell, sandbox, program, env);
    const node = join(realpathSync(sandbox.home), installedNode);
    const platform = `${process.platform}-${process.arch}`;
    expect({ ...first, stdout: first.stdout.replace(/in \d+ s/, "in N s") }).toEqual({
      code: 3,
      signal: null,
      stdout: [
        "circleback needs Node.js 18 or later (found: none).",
        `Downloading Node.js ${version} (${platform}) from ${mirror.host}`,
        `Node.js ${version} is verified (SHA-256) and installed as ${sandbox.home}/${installedNode} in N s`,
        `${node}\n`,
      ].join("\n"),
      stderr: "",
    });
    expect(sandbox.leftovers()).toEqual([`home/${installedNode}`]);
    expect(readdirSync(join(sandbox.home, ".circleback"))).toEqual([`node-${process.version}`]);

    const second = await runStep(shell, sandbox, program, { ...env, CIRCLEBACK_PARAM_INSTALL_NODE: "0" });
    expect(second).toEqual({ code: 3, signal: null, stdout: `${node}\n`, stderr: "" });
    expect(mirror.requests).toEqual([archivePath]);
  });

  test.each([
    ["0", 0],
    ["false", 0],
    ["1", 2],
  ])("fails no job for want of Node.js where the command has `strict` and it is %s", async (strict, code) => {
    using sandbox = new Sandbox();
    await using mirror = await startMirror(deliver(archive));
    const env = {
      ...withoutNode(sandbox, mirror.host),
      CIRCLEBACK_PARAM_INSTALL_NODE: "0",
      CIRCLEBACK_PARAM_STRICT: strict,
    };
    const result = await runStep(shell, sandbox, program, env);
    expect([result.code, result.stdout, result.stderr.split("\n")[0], sandbox.leftovers()]).toEqual([
      code,
      "",
      "Error: circleback needs Node.js 18 or later (found: none), and install-node is false.",
      [],
    ]);
  });

  test.each(["0", "false"])("installs nothing and says what to do when install-node is %s", async (value) => {
    using sandbox = new Sandbox();
    await using mirror = await startMirror(deliver(archive));
    const env = { ...withoutNode(sandbox, mirror.host), CIRCLEBACK_PARAM_INSTALL_NODE: value };
    expect(await runStep(shell, sandbox, program, env)).toEqual({
      code: 2,
      signal: null,
      stdout: "",
      stderr:
        "Error: circleback needs Node.js 18 or later (found: none), and install-node is false.\n" +
        "  - Use an image that has it, such as cimg/node, or set install-node to true.\n",
    });
    expect({ requests: mirror.requests, leftovers: sandbox.leftovers() }).toEqual({
      requests: [],
      leftovers: [],
    });
  });
});

describe("install-node.sh", () => {
  test("installs for two steps at once", async () => {
    using sandbox = new Sandbox();
    await using mirror = await startMirror(deliver(archive));
    const env = withoutNode(sandbox, mirror.host);
    const results = await Promise.all([1, 2].map(() => runStep(bash, sandbox, program, env)));
    expect(results.map((result) => result.code)).toEqual([3, 3]);
    expect(sandbox.leftovers()).toEqual([`home/${installedNode}`]);
  });

  test.each([
    ["there is no HOME", undefined],
    ["HOME cannot be written to", "/dev/null"],
  ])("installs for the one step alone when %s", async (_case, home) => {
    using sandbox = new Sandbox();
    await using mirror = await startMirror(deliver(archive));
    const env = { ...withoutNode(sandbox, mirror.host), HOME: home };
    const result = await runStep(bash, sandbox, program, env);
    expect(result.code).toBe(3);
    expect(result.stdout).toContain(`installed as ${sandbox.temporary}/circleback.`);
    expect(sandbox.leftovers()).toEqual([]);
  });

  test("tries again when the mirror fails for a moment", async () => {
    using sandbox = new Sandbox();
    await using mirror = await startMirror(refuse(503), cutOff(archive), deliver(archive));
    const result = await runStep(bash, sandbox, program, withoutNode(sandbox, mirror.host));
    expect(result.stdout).toContain("Trying again (2 of 3)\nTrying again (3 of 3)\nNode.js");
    expect({ code: result.code, requests: mirror.requests.length }).toEqual({ code: 3, requests: 3 });
  });

  const pairs = [
    ["curl", "shasum"],
    ["curl", "openssl"],
    ["wget", "sha256sum"],
  ] as const;
  test.each(pairs.filter((pair) => hasPrograms(...pair)))(
    "makes do with %s and %s",
    async (download, sum) => {
      using sandbox = new Sandbox();
      await using mirror = await startMirror(deliver(archive));
      const result = await runStep(
        bash,
        sandbox,
        program,
        withoutNode(sandbox, mirror.host, [download, sum]),
      );
      expect(result.code).toBe(3);
    },
  );

  test.runIf(shells.includes(ash))("makes do with busybox alone", async () => {
    using sandbox = new Sandbox();
    await using mirror = await startMirror(deliver(archive));
    const env = {
      ...withoutNode(sandbox, mirror.host),
      PATH: makeToolbox(join(sandbox.folder, "applets"), ["wget", "sha256sum"], () => "/bin/busybox"),
    };
    const result = await runStep(ash, sandbox, program, env);
    expect(result.code).toBe(3);
    expect(sandbox.leftovers()).toEqual([`home/${installedNode}`]);
  });
});
