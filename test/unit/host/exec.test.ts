import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { exec } from "../../../src/host/exec.ts";
import { files } from "../../../src/host/files.ts";
import { makeFolder } from "../../support/folders.ts";

const env = { PATH: process.env.PATH };
const sh = (script: string) => ["/bin/sh", "-c", script] as const;

test("gives each argument as it is, the input, and that environment alone", async () => {
  const script = 'printf "%s|" "$@"; cat; env | grep -c "^SHARED=" || true';
  const argv = [...sh(script), "sh", "a b", "$(touch x)", "", "'\"\n*"] as const;
  process.env.SHARED = "no";
  const result = await exec(argv, { env, input: "input\n" });
  delete process.env.SHARED;
  expect(result).toMatchObject({ exitCode: 0, stdout: "a b|$(touch x)||'\"\n*|input\n0\n" });
});

test("keeps both outputs, and tells each line as it comes, the last one too", async () => {
  const lines: string[] = [];
  const script = "echo one; sleep 0.1; echo two >&2; sleep 0.1; printf 'a\\rb\\r\\nlast'; exit 3";
  const result = await exec(sh(script), { env, onLine: (line) => lines.push(line) });
  expect([result, lines]).toEqual([
    { exitCode: 3, output: "one\ntwo\na\rb\r\nlast", stdout: "one\na\rb\r\nlast" },
    ["one", "two", "a", "b", "last"],
  ]);
});

test("keeps the end of an output that is too long", async () => {
  const result = await exec(sh("yes x | head -c 200000; echo end"), { env });
  expect([result?.stdout.length, result?.stdout.slice(-6)]).toEqual([65_536, "x\nend\n"]);
});

test("keeps no part of a line that it has cut, however long that line is", async () => {
  const secret = "very-secret-token";
  const script = `printf ${secret}; head -c 65530 /dev/zero | tr '\\0' x; echo; echo end`;
  const endless = `head -c 200000 /dev/zero | tr '\\0' x; printf ${secret}; sleep 0.2; echo more; echo end`;
  expect([(await exec(sh(script), { env }))?.output, (await exec(sh(endless), { env }))?.stdout]).toEqual([
    "end\n",
    "end\n",
  ]);
});

test("knows a program that is not there", async () => {
  expect(await exec(["no-such-program-at-all"], { env })).toBeNull();
});

test("does not mind a program that does not read its input", async () => {
  expect(await exec(["true"], { env, input: "x".repeat(1_000_000) })).toMatchObject({ exitCode: 0 });
});

test("ends a program and what it has started on a signal", async () => {
  const folder = makeFolder();
  const stop = new AbortController();
  const script = `sleep 60 & echo $! >${folder}/pid; echo ready; wait`;
  const running = exec(sh(script), {
    env,
    signal: stop.signal,
    onLine: (line) => {
      if (line === "ready") stop.abort();
    },
  });
  expect(await running).toMatchObject({ exitCode: null });
  const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
  for (let tries = 0; isRunning(pid) && tries < 100; tries++) await sleep(20);
  expect(isRunning(pid)).toBe(false);
});

test("kills what heeds no signal where the program that started it does, and has nothing more to say", async () => {
  const folder = makeFolder();
  const stop = new AbortController();
  const deaf = `trap '' TERM; echo $$ >${folder}/pid; echo ready; while :; do sleep 0.1; done`;
  const result = await exec(
    sh(`trap 'exit 3' TERM; sh -c "$0" & wait`).concat(deaf) as [string, ...string[]],
    {
      env,
      signal: stop.signal,
      onLine: () => stop.abort(),
    },
  );
  expect(result).toMatchObject({ exitCode: 3 });
  const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
  for (let tries = 0; isRunning(pid) && tries < 100; tries++) await sleep(20);
  expect(isRunning(pid)).toBe(false);
});

test("takes no longer for a long line than its length asks for, and finds its end wherever chunks are cut", async () => {
  const lines: string[] = [];
  const script = `head -c 30000000 /dev/zero | tr '\\0' x; printf 'a\\r'; sleep 0.1; printf '\\nb\\r'; sleep 0.1; printf c`;
  await exec(sh(script), { env, onLine: (line) => lines.push(line) });
  expect(lines.map((line) => [line.length, line.at(-1)])).toEqual([
    [30_000_001, "a"],
    [1, "b"],
    [1, "c"],
  ]);
}, 20_000);

test("does not wait for a program that was left running with its outputs", async () => {
  const start = Date.now();
  const result = await exec(sh("setsid sleep 20 & echo $!"), { env });
  process.kill(Number(result?.stdout));
  expect(Date.now() - start).toBeLessThan(10_000);
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return false;
  }
}

test("makes folders for itself alone, and removes them without what they link to", async () => {
  const target = makeFolder({ "kept.txt": "kept" });
  const folder = await files.makePrivateFolder();
  mkdirSync(join(folder, "deep"));
  writeFileSync(join(folder, "deep", "file"), "");
  await files.link(target, join(folder, "linked"));
  expect([statSync(folder).mode & 0o777, (await files.list(folder)).toSorted()]).toEqual([
    0o700,
    ["deep", "linked"],
  ]);
  await files.removeFolder(folder);
  expect([await files.list(folder), readdirSync(target)]).toEqual([[], ["kept.txt"]]);
});
