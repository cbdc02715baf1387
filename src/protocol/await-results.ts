import type { CircleCi } from "../circleci/client.ts";
import type { Workflow } from "../circleci/schemas.ts";
import { UserError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { type Child, nameChild } from "./child.ts";
import { formatDuration, poll } from "./poll.ts";
import { type Ending, judge, type Verdict } from "./verdict.ts";

export interface Result {
  readonly child: Child;
  readonly ending: Ending;
  /** The newest run of each that counts. */
  readonly workflows: readonly Workflow[];
  /** Every workflow and every rerun of it. */
  readonly runs: readonly Workflow[];
}

export interface WaitPolicy {
  /** Globs of the workflows that count; empty: all. */
  readonly patterns: readonly string[];
  readonly timeout: number;
  readonly first: number;
  readonly longest: number;
}

/** Waits until every workflow that counts of every child has ended. Throws `wait.timeout`, saying what each child is still at. */
export async function awaitResults(
  api: CircleCi,
  host: Host,
  children: readonly Child[],
  { patterns, timeout, first, longest }: WaitPolicy,
): Promise<readonly Result[]> {
  const deadline = host.clock.now() + timeout;
  const results = new Map<Child, Result>();
  const states = new Map<Child, string>();

  const look = async () => {
    for (const child of children.filter((each) => !results.has(each))) {
      const runs = await api.workflowsOf(child.id);
      const verdict = judge(runs, { patterns, now: host.clock.now() });
      const state =
        describeState(verdict.workflows) ||
        (patterns.length > 0 ? "no workflow that counts" : "no workflow yet");
      if (states.get(child) !== state) host.log.info(`${nameChild(child)}: ${state}`);
      states.set(child, state);
      if (verdict.result === null) continue;
      checkPatterns(host, child, verdict);
      results.set(child, { child, ending: verdict.result, workflows: verdict.workflows, runs });
    }
    return results.size === children.length ? children.flatMap((child) => results.get(child) ?? []) : null;
  };
  const pending = () => children.filter((child) => !results.has(child));
  const found = await poll(
    host,
    {
      first,
      longest,
      deadline: () => deadline,
      waitingFor: () => `Waiting for ${pending().map(nameChild).join(", ")}.`,
    },
    look,
  );
  if (found !== null) return found;

  const late = pending().map((child) => `${nameChild(child)} (${states.get(child)}, ${child.url})`);
  throw new UserError("wait.timeout", `Not at an end after ${formatDuration(timeout)}: ${late.join(", ")}.`, {
    hints: [
      "A workflow that is `on_hold` waits for somebody to approve it.",
      "Give it more time with `timeout`; the child itself goes on.",
    ],
  });
}

/** A pattern that fits nothing is most likely a slip: with nothing else to judge by, an error. */
function checkPatterns(host: Host, child: Child, { unmatched, workflows }: Verdict<Workflow>): void {
  if (unmatched.length === 0) return;
  const sentence = `\`child-workflows\` names ${unmatched.join(", ")}, which fits no workflow of ${nameChild(child)}`;
  if (workflows.length > 0) {
    host.log.warn(`${sentence}.`);
    return;
  }
  throw new UserError("parameter.invalid", `${sentence}, so there is nothing to judge it by: ${child.url}`, {
    hints: ["Write the names as the child's configuration has them; `*` stands for any characters."],
  });
}

function describeState(workflows: readonly Workflow[]): string {
  const states = workflows.map(({ name, status }) => `${name} is ${status ?? "being created"}`);
  return states.join(", ");
}
