import { expect, test } from "vitest";
import { runOnHost } from "../../../src/rollout/run-on-host.ts";
import type { Transaction } from "../../../src/rollout/script.ts";
import type { Ssh } from "../../../src/ssh/connect.ts";
import { createFakeHost } from "../../support/fake-host.ts";
import { transaction } from "../../support/ssh/scripted-host.ts";

/** A connection that is lost while the host waits for the lock, again and again. */

const target = { user: "deploy", host: "10.0.0.1", port: null };

/** Answers each call with the next lines; what was asked for is noted as the entry with its `lock_wait`. */
function openSsh(answers: readonly (readonly string[])[]) {
  const [asked, names]: [string[], Set<string>] = [[], new Set()];
  const ssh: Ssh = {
    verify: async () => {},
    async run(_, script, { onLine }) {
      const value = (name: string) => new RegExp(`^${name}='(.*)'$`, "m").exec(script)?.[1] ?? "";
      names.add(value("tx"));
      asked.push(`${script.trimEnd().split("\n").at(-1)} ${value("lock_wait")}`);
      const lines = answers[asked.length - 1] ?? expect.fail(`no answer is left for ${asked.join(", ")}`);
      for (const line of lines) onLine(`@${value("tx")}${line}`);
      return { exitCode: 255, output: "Connection to 10.0.0.1 closed by remote host.", stdout: "" };
    },
    explain: () => expect.fail("nothing is to be explained"),
  };
  return { ssh, asked, names };
}

const waiting = ["+", "+ann (job 6)"];
const ending = (result: string) => [
  `=${JSON.stringify({ result, phase: "", release: "", previous: "", before: "", now: "2", image: "" })}`,
];

async function run(answers: readonly (readonly string[])[]) {
  let count = 0;
  const host = { ...createFakeHost({}), random: () => (count++ % 7) / 7 };
  const { ssh, asked, names } = openSsh(answers);
  const patient: Transaction = { ...transaction, limits: { ...transaction.limits, lockWait: 60_000 } };
  const said: string[] = [];
  const outcome = await runOnHost(host, ssh, target, patient, (line) => said.push(line));
  return { result: outcome.result, asked, names, said };
}

test("a wait for the lock whose connection is lost goes on, no longer than it was to last, under another name", async () => {
  const { result, asked, names, said } = await run([waiting, ending("absent"), ending("deployed")]);
  expect([result, asked, names.size]).toEqual(["deployed", ["start 60", "resume 60", "start 59"], 2]);
  expect(said).toEqual([
    "Waiting for the lock, which is held by ann (job 6).",
    "The connection is lost. The host goes on by itself; connecting again.",
    "Nothing was begun there: starting again.",
  ]);
});

test("a wait for the lock whose connection is lost three times is given up", async () => {
  const lost = [waiting, ending("absent")];
  const { result, names } = await run([...lost, ...lost, ...lost]);
  expect([result, names.size]).toEqual(["absent", 3]);
});
