import type { Host } from "../host/host.ts";
import { type SshInput, withSsh } from "../ssh/connect.ts";
import { showTarget, type Target } from "../ssh/target.ts";
import { type BatchSize, splitBatches } from "./batches.ts";
import { noText } from "./filled-text.ts";
import { endAs, isFailure, type Outcome, showTable } from "./outcome.ts";
import { runOnHost } from "./run-on-host.ts";
import type { Transaction } from "./script.ts";

export interface RollOut {
  readonly targets: readonly Target[];
  readonly batch: BatchSize;
  readonly ssh: SshInput;
  readonly transaction: Transaction;
}

/** CircleCI ends a step that has printed nothing for ten minutes. */
const signOfLife = 60_000;

/** Batch after batch, until one fails. Every host has its line in the answer, in the order of the list. */
export async function rollOut(
  host: Host,
  { targets, batch, ssh, transaction }: RollOut,
): Promise<readonly Outcome[]> {
  const [first] = targets;
  const batches = splitBatches(targets, batch, transaction.runOnce.text !== "");
  const outcomes: Outcome[] = [];
  if (ssh.hostKeys.acceptNew)
    host.log.warn("A host key that is not pinned is taken as it comes (accept-new).");
  await withSsh(host, ssh, async (connection) => {
    for (const group of batches) {
      if (outcomes.some(isFailure) || host.canceled.aborted) {
        outcomes.push(...group.map((target) => endAs(target, "not-started")));
        continue;
      }
      const work = group.map((target) => {
        const name = showTarget(target);
        const say = (line: string) => host.log.info(targets.length === 1 ? line : `${name} | ${line}`);
        say(`${transaction.mode === "deploy" ? "Deploying to" : "Rolling back"} ${name}`);
        const own = target === first ? transaction : { ...transaction, runOnce: noText };
        return whileSaying(host, name, (hear) =>
          runOnHost(host, connection, target, own, (line) => {
            hear();
            say(line);
          }),
        );
      });
      outcomes.push(...(await Promise.all(work)));
    }
  });
  for (const line of showTable(outcomes)) host.log.info(line);
  return outcomes;
}

/** Says every minute of silence that something still goes on. */
async function whileSaying<T>(host: Host, name: string, work: (hear: () => void) => Promise<T>): Promise<T> {
  let last = host.clock.now();
  const ended = new AbortController();
  const watch = async () => {
    while (!ended.signal.aborted) {
      await host.clock.sleep(signOfLife, ended.signal);
      if (!ended.signal.aborted && host.clock.now() - last >= signOfLife) {
        host.log.info(`${name} is still at work.`);
      }
    }
  };
  const watching = watch();
  try {
    return await work(() => {
      last = host.clock.now();
    });
  } finally {
    ended.abort();
    await watching;
  }
}
