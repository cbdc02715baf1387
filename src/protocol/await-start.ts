import type { CircleCi } from "../circleci/client.ts";
import type { Workflow } from "../circleci/schemas.ts";
import { UserError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { type Child, nameChild } from "./child.ts";
import { formatDuration, poll } from "./poll.ts";
import { isEnding } from "./verdict.ts";

/** After the trigger. The service answers it before it has read the configuration: an earlier look would see nothing. */
const firstLook = 1_000;

/**
 * Waits until the child has a workflow that is not its setup workflow: a trigger that was accepted may still
 * come to nothing. The time in which the setup workflow runs does not count. `sentAt` is when it was triggered, in
 * milliseconds since 1970. Throws `child.failed` and `child.start-timeout`.
 */
export async function awaitStart(
  api: CircleCi,
  host: Host,
  child: Child,
  { timeout, sentAt }: { readonly timeout: number; readonly sentAt: number },
): Promise<void> {
  let deadline = host.clock.now() + timeout;
  let lastLook = host.clock.now();
  const early = Math.min(firstLook, sentAt + firstLook - lastLook);
  if (early > 0) await host.clock.sleep(early, host.canceled);
  host.canceled.throwIfAborted();

  const workflow = await poll(
    host,
    {
      first: 2_000,
      longest: 5_000,
      deadline: () => deadline,
      waitingFor: () => `Waiting for the first workflow of ${nameChild(child)}.`,
    },
    async () => {
      const workflows = await api.workflowsOf(child.id);
      const real = workflows.find(({ tag }) => tag !== "setup");
      if (real !== undefined) return real;
      if (await isSettingUp(api, child, workflows)) deadline += host.clock.now() - lastLook;
      lastLook = host.clock.now();
      return null;
    },
  );
  if (workflow !== null) return;
  throw new UserError(
    "child.start-timeout",
    `${nameChild(child)} was accepted, but has no workflow after ${formatDuration(timeout)}: ${child.url}`,
    {
      hints: [
        "Most likely every workflow or job of the child is filtered out (`when`, `filters`) for this branch and these parameters; for a tag, each job needs a filter that lets it through.",
        "Or its organization blocks new work, or has used up its plan.",
        "Give a slow service more time with `start-timeout`.",
      ],
    },
  );
}

async function isSettingUp(api: CircleCi, child: Child, setups: readonly Workflow[]): Promise<boolean> {
  const { state, errors } = await api.pipeline(child.id);
  if (state === "errored") {
    const reasons = errors.map(({ message }) => message).join("; ") || "no reason given";
    throw new UserError("child.failed", `${nameChild(child)} could not start: ${reasons} (${child.url})`, {
      hints: hintsFor(reasons),
    });
  }
  if (setups.some(({ status }) => !isEnding(status))) return true;
  const failed = setups.length > 0 && setups.every(({ status }) => status !== "success");
  if (!failed) return false;
  throw new UserError(
    "child.failed",
    `The setup workflow of ${nameChild(child)} ended ${setups.at(-1)?.status}, so the child never started: ${child.url}`,
  );
}

function hintsFor(reasons: string): readonly string[] {
  const [, name] = /Unexpected argument\(s\): ([\w-]+)/.exec(reasons) ?? [];
  if (name === undefined) return ["Mend the child's configuration; `circleci config validate` checks it."];
  return [
    `Declare each parameter at the top of the child's configuration, with a default: \`parameters: { ${name}: { type: string, default: "" } }\`.`,
    'If it is the ticket, and the child does not call back, send none: `ticket-parameter: ""`.',
  ];
}
