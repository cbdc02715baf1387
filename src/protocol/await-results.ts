import type { CircleCi } from "../circleci/client.ts";
import type { Workflow } from "../circleci/schemas.ts";
import { UserError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { type Child, nameChild } from "./child.ts";
import { formatDuration, poll } from "./poll.ts";
import { type Ending, judge } from "./verdict.ts";

export interface Result {
  readonly child: Child;
  readonly ending: Ending;
  readonly workflows: readonly Workflow[];
}

/** Waits until every workflow of every child has ended. Throws `wait.timeout`, saying what each child is still at. */
export async function awaitResults(
  api: CircleCi,
  host: Host,
  children: readonly Child[],
  options: { readonly timeout: number; readonly first: number; readonly longest: number },
): Promise<readonly Result[]> {
  const deadline = host.clock.now() + options.timeout;
  const results = new Map<Child, Result>();
  const states = new Map<Child, string>();

  const look = async () => {
    for (const child of children.filter((each) => !results.has(each))) {
      const { result, workflows } = judge(await api.workflowsOf(child.id));
      if (result !== null) results.set(child, { child, ending: result, workflows });
      const state = describeState(workflows);
      if (states.get(child) !== state) host.log.info(`${nameChild(child)}: ${state}`);
      states.set(child, state);
    }
    return results.size === children.length ? children.flatMap((child) => results.get(child) ?? []) : null;
  };
  const pending = () => children.filter((child) => !results.has(child));
  const found = await poll(
    host,
    {
      first: options.first,
      longest: options.longest,
      deadline: () => deadline,
      waitingFor: () => `Waiting for ${pending().map(nameChild).join(", ")}.`,
    },
    look,
  );
  if (found !== null) return found;

  const late = pending().map((child) => `${nameChild(child)} (${states.get(child)}, ${child.url})`);
  throw new UserError(
    "wait.timeout",
    `Not at an end after ${formatDuration(options.timeout)}: ${late.join(", ")}.`,
    {
      hints: [
        "A workflow that is `on_hold` waits for somebody to approve it.",
        "Give it more time with `timeout`; the child itself goes on.",
      ],
    },
  );
}

function describeState(workflows: readonly Workflow[]): string {
  const states = workflows.map(({ name, status }) => `${name} is ${status ?? "being created"}`);
  return states.join(", ") || "no workflow yet";
}
