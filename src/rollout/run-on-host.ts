import { UserError } from "../errors.ts";
import type { ExecResult, Host } from "../host/host.ts";
import { within } from "../host/within.ts";
import type { Ssh } from "../ssh/connect.ts";
import { showTarget, type Target } from "../ssh/target.ts";
import { makeTransactionId } from "./job-facts.ts";
import { endAs, type Outcome, readEnding } from "./outcome.ts";
import { buildScript, longest, type Transaction } from "./script.ts";

/** How long a host may be out of reach before it is given up, and how long a cancelled job asks it, in milliseconds. */
const patience = 180_000;
const farewell = 6_000;

/** Failures of ssh before anything was sent: what follows may be tried again without a doubt. */
const notConnected =
  /^ssh: |kex_exchange_identification|Connection (closed|reset) by .* port \d+$|timed out during banner/m;

/**
 * Has one host do its transaction. A connection that is lost is taken up again, as the host goes on without it; the
 * answer is what the host says, or that it is not known.
 */
export async function runOnHost(
  host: Host,
  ssh: Ssh,
  target: Target,
  transaction: Transaction,
  say: (line: string) => void,
): Promise<Outcome> {
  try {
    await ssh.verify(target);
  } catch (error) {
    if (error instanceof UserError) return endAs(target, "unreachable", error);
    if (host.canceled.aborted) return endAs(target, "not-started");
    throw error;
  }
  const { limits } = transaction;
  const end = host.clock.now() + limits.lockWait;
  let own = transaction;
  for (let count = 1; ; count++) {
    const outcome = await follow(host, ssh, target, own, say);
    // A wait for the lock ends with its connection: nothing begins under that name any more.
    if (outcome.result !== "absent" || count === 3 || host.canceled.aborted) return outcome;
    say("Nothing was begun there: starting again.");
    const lockWait = Math.max(0, end - host.clock.now());
    own = { ...transaction, id: makeTransactionId(host.random), limits: { ...limits, lockWait } };
  }
}

async function follow(
  host: Host,
  ssh: Ssh,
  target: Target,
  transaction: Transaction,
  say: (line: string) => void,
): Promise<Outcome> {
  const listener = createListener(host, target, transaction.id, say);
  const first = await connect(host, ssh, target, transaction, listener);
  if (listener.ending !== null) return listener.ending;
  if (host.canceled.aborted) return abandon(host, ssh, target, transaction, listener);
  if (!listener.hasBegun && isCertain(first)) {
    return endAs(target, "unreachable", await explainStart(ssh, target, first));
  }
  say("The connection is lost. The host goes on by itself; connecting again.");
  return takeUp(host, ssh, target, transaction, listener);
}

/** Until the script has arrived, a failed connection is only tried again. */
async function connect(
  host: Host,
  ssh: Ssh,
  target: Target,
  transaction: Transaction,
  listener: Listener,
): Promise<ExecResult> {
  for (let count = 1; ; count++) {
    const result = await ssh.run(target, buildScript(transaction, "start"), {
      onLine: listener.take,
      signal: host.canceled,
    });
    const mayTryAgain = !listener.hasBegun && result.exitCode === 255 && notConnected.test(result.output);
    if (!mayTryAgain || count === 3 || host.canceled.aborted) return result;
    await host.clock.sleep(3_000 * count, host.canceled);
  }
}

/** Whether ssh or the host's login shell has ended it before the script could begin. */
function isCertain({ exitCode, output }: ExecResult): boolean {
  if (exitCode !== 255) return exitCode !== null;
  return (
    notConnected.test(output) || /Permission denied|Host key verification failed|Too many auth/.test(output)
  );
}

async function explainStart(ssh: Ssh, target: Target, result: ExecResult): Promise<UserError> {
  if (result.exitCode === 255) return ssh.explain(target, result);
  const last = result.output.trimEnd().split("\n").at(-1) ?? "";
  return new UserError("host.unfit", `${showTarget(target)} runs no shell for this user: ${last}`, {
    hints: ["The user needs a login shell that may run `sh`."],
  });
}

async function takeUp(
  host: Host,
  ssh: Ssh,
  target: Target,
  transaction: Transaction,
  listener: Listener,
): Promise<Outcome> {
  const end = host.clock.now() + transaction.limits.lockWait + longest(transaction.limits);
  let lastSeen = host.clock.now();
  for (let pause = 1_000; ; pause = Math.min(pause * 2, 15_000)) {
    await host.clock.sleep(pause, host.canceled);
    if (host.canceled.aborted) return abandon(host, ssh, target, transaction, listener);
    const heard = listener.heard;
    await ssh.run(target, buildScript(transaction, "resume", listener.lines), {
      onLine: listener.take,
      signal: host.canceled,
    });
    if (listener.ending !== null) return listener.ending;
    const now = host.clock.now();
    if (listener.heard > heard) {
      lastSeen = now;
      pause = 1_000;
    }
    if (now > end || now - lastSeen > patience) return endAs(target, "unknown");
  }
}

/** A cancelled job has a few seconds: it calls the transaction off where that is still possible, and says what will be. */
async function abandon(
  host: Host,
  ssh: Ssh,
  target: Target,
  transaction: Transaction,
  listener: Listener,
): Promise<Outcome> {
  await within(host, farewell, (signal) =>
    ssh.run(target, buildScript(transaction, "abandon", listener.lines), { onLine: listener.take, signal }),
  );
  if (listener.ending !== null) return listener.ending;
  const until = new Date(host.clock.now() + longest(transaction.limits)).toISOString();
  host.log.warn(
    `${showTarget(target)} goes on by itself. Unless it is still before \`run-once\` and the start, where it stops, it ends with the new release or with the old one, by ${until} at the latest; ~/.circleback/${transaction.project}/history.jsonl there says with which.`,
  );
  return endAs(target, "unknown");
}

interface Listener {
  readonly take: (line: string) => void;
  /** Of the host's log, so far. */
  readonly lines: number;
  /** Everything that came from the script. */
  readonly heard: number;
  readonly hasBegun: boolean;
  readonly ending: Outcome | null;
}

/** Takes the lines of ssh apart: the host's log, its waiting, its last word, and ssh's own. */
function createListener(host: Host, target: Target, id: string, say: (line: string) => void): Listener {
  let lines = 0;
  let heard = 0;
  let ending: Outcome | null = null;
  let waitingSince: number | null = null;
  const waiting = (who: string) => {
    const now = host.clock.now();
    if (who === "" || (waitingSince !== null && now - waitingSince < 30_000)) return;
    waitingSince = now;
    say(`Waiting for the lock, which is held by ${who}.`);
  };
  return {
    take(line) {
      if (!line.startsWith(`@${id}`)) return; // ssh's own words; those of a failure are in the error
      heard++;
      const kind = line.charAt(id.length + 1);
      const text = line.slice(id.length + 2);
      if (kind === "|") lines++;
      if (kind === "|" || kind === "!") say(text);
      if (kind === "+") waiting(text);
      if (kind === "=") ending = readEnding(target, text);
    },
    get lines() {
      return lines;
    },
    get heard() {
      return heard;
    },
    get hasBegun() {
      return heard > 0;
    },
    get ending() {
      return ending;
    },
  };
}
