import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  type Answer,
  archivePath,
  cutOff,
  deliver,
  hang,
  packNode,
  pin,
  pinTo,
  refuse,
  startMirror,
} from "../support/node-mirror.ts";
import { installNodeScript, runStep, Sandbox, startStep } from "../support/orb-step.ts";
import { available } from "../support/require.ts";
import { ash, bash, type Shell, shells } from "../support/shells.ts";
import { addScript, findProgram, hasPrograms, makeToolbox } from "../support/toolbox.ts";

const archive = packNode("#!/bin/sh\necho this is no Node\n");
const script = pinTo(archive, { stall_seconds: "1", attempt_seconds: "2" });
const program = `console.log("must not run")`;
const tools = ["curl", "sha256sum"];
const remedy =
  "Use an image that has Node.js 18 or later, such as cimg/node, or install it in an earlier step.";

function withoutNode(sandbox: Sandbox, mirror: string, names: readonly string[] = tools) {
  return {
    PATH: makeToolbox(join(sandbox.folder, "bin"), names),
    CIRCLEBACK_NODE_MIRROR: mirror,
    CIRCLEBACK_INSTALL_NODE_SCRIPT: script,
  };
}

/** The error as users see it; curl, wget and Node may have said something before. */
const errorOf = (stderr: string) => stderr.slice(stderr.indexOf("Error: "));
const error = (message: string, hint: string) =>
  `Error: circleback cannot install Node.js: ${message}\n  - ${hint}\n`;

describe.each(shells)("install-node.sh under $name", (shell) => {
  test("refuses a tampered archive and leaves nothing behind", async () => {
    using sandbox = new Sandbox();
    const tampered = Buffer.concat([archive, Buffer.from("x")]);
    await using mirror = await startMirror(deliver(tampered));
    const result = await runStep(shell, sandbox, program, withoutNode(sandbox, `http://${mirror.host}`));
    expect(result.code).toBe(4);
    expect(result.stdout).not.toContain("must not run");
    const [got, pinned] = [tampered, archive].map((data) => createHash("sha256").update(data).digest("hex"));
    expect(errorOf(result.stderr)).toBe(
      error(
        `what ${mirror.host} delivered is not the official archive: its SHA-256 is ${got}, not ${pinned}.`,
        "Nothing was installed. Find out who changes the downloads from there, and use another mirror until then.",
      ),
    );
    expect(sandbox.leftovers()).toEqual([]);
  });

  test("ends its download when the job is canceled", async () => {
    using sandbox = new Sandbox();
    let step: ReturnType<typeof startStep> | undefined;
    await using mirror = await startMirror((response) => {
      hang(archive)(response);
      step?.child.kill("SIGTERM");
    });
    const env = {
      ...withoutNode(sandbox, `http://${mirror.host}`),
      CIRCLEBACK_INSTALL_NODE_SCRIPT: pin({ attempt_seconds: "100", stall_seconds: "100" }),
    };
    step = startStep(shell, sandbox, program, env);
    const result = await step.result;
    expect({ code: result.code, requests: mirror.requests.length }).toEqual({ code: 143, requests: 1 });
    expect(sandbox.leftovers()).toEqual([]);
  });
});

describe("install-node.sh", () => {
  const downloaders = ["curl", "wget"].filter((name) => hasPrograms(name));
  const brokenMirrors: [string, Answer][] = [
    ["answers 404", refuse(404)],
    ["answers 500", refuse(500)],
    ["hangs", hang(archive)],
    ["cuts the connection", cutOff(archive)],
  ];
  test.each(
    brokenMirrors.flatMap(([what, answer]) => downloaders.map((tool) => [what, tool, answer] as const)),
  )("gives up on a mirror that %s, with %s", async (_what, tool, answer) => {
    using sandbox = new Sandbox();
    await using mirror = await startMirror(answer);
    const env = withoutNode(sandbox, `http://${mirror.host}`, [tool, "sha256sum"]);
    const result = await runStep(bash, sandbox, program, env);
    expect(result.code).toBe(4);
    expect(errorOf(result.stderr)).toBe(
      error(
        `${mirror.host} did not deliver ${archivePath.slice(1)} in 3 attempts.`,
        "Set CIRCLEBACK_NODE_MIRROR to a mirror of https://nodejs.org/dist that this job can reach, or: " +
          remedy,
      ),
    );
    expect(sandbox.leftovers()).toEqual([]);
  });

  test.each([
    ["http://mirror.example.com/dist", "mirror.example.com"],
    ["http://localhost.example.com", "localhost.example.com"],
    ["http://127.0.0.1.example.com:80/", "127.0.0.1.example.com:80"],
    ["http://127.0.0.1:80@example.com/", "example.com"],
    ["http://localhost:secret@example.com", "example.com"],
    ["ftp://mirror.example.com", "mirror.example.com"],
    ["mirror.example.com/dist", "mirror.example.com"],
    ["--output=/tmp/x", "--output="],
  ])("refuses the mirror %s before any request", async (mirror, host) => {
    using sandbox = new Sandbox();
    const result = await runStep(bash, sandbox, program, withoutNode(sandbox, mirror));
    expect({ ...result, stdout: "" }).toEqual({
      code: 2,
      signal: null,
      stdout: "",
      stderr: error(
        `CIRCLEBACK_NODE_MIRROR does not begin with https:// (its host is ${host}).`,
        "Name a mirror of https://nodejs.org/dist that speaks https, or unset the variable.",
      ),
    });
    expect(result.stdout).toBe("circleback needs Node.js 18 or later (found: none).\n");
    expect(sandbox.leftovers()).toEqual([]);
  });

  test("keeps the mirror's password out of the log", async () => {
    using sandbox = new Sandbox();
    await using mirror = await startMirror(refuse(500));
    const env = withoutNode(sandbox, `https://user:secret@${mirror.host}/dist`);
    const result = await runStep(bash, sandbox, program, env);
    expect(result.code).toBe(4);
    expect(result.stdout).toContain(`from ${mirror.host}\n`);
    expect(result.stdout + result.stderr).not.toContain("secret");
  });

  test.each([
    ["Linux", "x86_64", "linux-x64"],
    ["Linux", "aarch64", "linux-arm64"],
    ["Darwin", "x86_64", "darwin-x64"],
    ["Darwin", "arm64", "darwin-arm64"],
  ])("asks for the pinned archive of %s on %s", async (system, machine, platform) => {
    using sandbox = new Sandbox();
    await using mirror = await startMirror(refuse(404));
    const env = withoutNode(sandbox, `http://${mirror.host}/dist/`);
    pretendToBe(env.PATH, system, machine);
    const official = pin({ pause_seconds: "0" }).replace(/loader=\/.+/g, "loader=/");
    const result = await runStep(bash, sandbox, program, {
      ...env,
      CIRCLEBACK_INSTALL_NODE_SCRIPT: official,
    });
    const version = /^version=(.*)$/m.exec(installNodeScript)?.[1];
    expect(result.code).toBe(4);
    expect(new Set(mirror.requests)).toEqual(
      new Set([`/dist/v${version}/node-v${version}-${platform}.tar.gz`]),
    );
  });

  test.each([
    ["Linux", "ppc64le", "there is no archive for Linux on ppc64le.", remedy],
    [
      "MINGW64_NT-10.0-20348",
      "x86_64",
      "it can do so on Linux and macOS only.",
      "On Windows, run 'choco install nodejs-lts' in an earlier step.",
    ],
  ])("refuses %s on %s", async (system, machine, message, hint) => {
    using sandbox = new Sandbox();
    const env = withoutNode(sandbox, "https://127.0.0.1:1");
    pretendToBe(env.PATH, system, machine);
    const result = await runStep(bash, sandbox, program, env);
    expect({ code: result.code, error: errorOf(result.stderr) }).toEqual({
      code: 2,
      error: error(message, hint),
    });
  });

  test.each([
    [["sha256sum"], "neither curl nor wget is here."],
    [["curl"], "none of sha256sum, shasum and openssl is here."],
  ])("says which program it misses with only %s", async (names, message) => {
    using sandbox = new Sandbox();
    const result = await runStep(bash, sandbox, program, withoutNode(sandbox, "https://127.0.0.1:1", names));
    expect({ code: result.code, error: errorOf(result.stderr) }).toEqual({
      code: 2,
      error: error(message, remedy),
    });
    expect(sandbox.leftovers()).toEqual([]);
  });

  test("installs nothing when Node does not start on this system", async () => {
    using sandbox = new Sandbox();
    await using mirror = await startMirror(deliver(archive));
    const result = await runStep(bash, sandbox, program, withoutNode(sandbox, `http://${mirror.host}`));
    expect({ code: result.code, error: errorOf(result.stderr) }).toEqual({
      code: 2,
      error: error("it does not start here (it needs glibc 2.28 and libstdc++).", remedy),
    });
    expect(sandbox.leftovers()).toEqual([]);
  });

  const canChroot = available("a root without glibc", () => {
    if (process.getuid?.() !== 0) return "only root can change its root folder";
    return findProgram("chroot") ? null : "chroot is not on PATH";
  });
  test.runIf(canChroot && shells.includes(ash))(
    "refuses a system without glibc, such as Alpine, and names the package",
    async () => {
      using sandbox = new Sandbox();
      const bin = makeToolbox(join(sandbox.folder, "bin"), ["wget", "sha256sum", "ash"], () => "/busybox");
      for (const folder of ["tmp", "root", "dev"])
        mkdirSync(join(sandbox.folder, folder), { recursive: true });
      writeFileSync(join(sandbox.folder, "dev/null"), "");
      copyFileSync(ash.argv[0], join(sandbox.folder, "busybox"));
      const shell: Shell = {
        name: "ash in a root of its own",
        argv: [findProgram("chroot") ?? "", sandbox.folder, "/bin/ash", "-c"],
      };
      const env = { PATH: bin.slice(sandbox.folder.length), HOME: "/root", TMPDIR: "/tmp" };
      expect(await runStep(shell, sandbox, program, env)).toEqual({
        code: 2,
        signal: null,
        stdout: "circleback needs Node.js 18 or later (found: none).\n",
        stderr: error(
          "the official archives need glibc, and this system has none.",
          "On Alpine, run 'apk add nodejs' in an earlier step; elsewhere use an image that has Node.js 18 or later.",
        ),
      });
    },
  );
});

function pretendToBe(folder: string, system: string, machine: string): void {
  rmSync(join(folder, "uname"));
  addScript(folder, "uname", `[ "$1" = -m ] && echo '${machine}' || echo '${system}'`);
}
