import { UserError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import type { Api } from "../../kubernetes/api.ts";
import { readObject, showTarget, type Target } from "../../kubernetes/resources.ts";
import { judgeRollout, type RolloutState, rolledOutKinds } from "../../kubernetes/rollout-state.ts";

export interface Verdict {
  readonly target: Target;
  readonly is: RolloutState["is"] | "timeout" | "unknown";
  readonly words: string;
}

/** Between two looks, in milliseconds: often at first, and a sign of life in between. */
const pauses = { first: 1_000, most: 5_000, life: 60_000 };

/** What a look may take longer, in milliseconds: one that has begun in time tells more than that time is over. */
const lastLook = 5_000;

/** Looks at all of them until each is rolled out or has failed, or the deadline has come (milliseconds since 1970). */
export async function awaitRollouts(
  host: Host,
  api: Api,
  targets: readonly Target[],
  deadline: number,
): Promise<readonly Verdict[]> {
  const watched = targets.filter(({ kind }) => rolledOutKinds.includes(kind));
  const verdicts = new Map<Target, Verdict>();
  let [pause, spokenAt] = [pauses.first, host.clock.now()];
  const calm = api.with({ ...host, deadline: deadline + lastLook });
  for (;;) {
    for (const target of watched) {
      const before = verdicts.get(target);
      if (before?.is === "done" || before?.is === "failed") continue;
      const verdict = await look(calm, target);
      verdicts.set(target, verdict);
      if (verdict.words === before?.words) continue;
      host.log.info(`${showTarget(target)} ${verdict.words}.`);
      spokenAt = host.clock.now();
    }
    const left = [...verdicts.values()].filter(({ is }) => is === "waiting" || is === "unknown");
    const hasFailed = [...verdicts.values()].some(({ is }) => is === "failed");
    if (left.length === 0 || hasFailed) return [...verdicts.values()];
    if (host.clock.now() + pause > deadline) {
      return [...verdicts.values()].map((each) =>
        each.is === "waiting" ? { ...each, is: "timeout" } : each,
      );
    }
    if (host.clock.now() - spokenAt >= pauses.life) {
      host.log.info(
        left.map(({ target, words }) => `Still waiting: ${showTarget(target)} ${words}.`).join("\n"),
      );
      spokenAt = host.clock.now();
    }
    await host.clock.sleep(pause, host.canceled);
    host.canceled.throwIfAborted();
    pause = Math.min(pauses.most, pause * 1.5);
  }
}

async function look(api: Api, target: Target): Promise<Verdict> {
  try {
    const object = await readObject(api, target, { isQuiet: true });
    if (object === null) return { target, is: "failed", words: "has been deleted by somebody else" };
    return { target, ...judgeRollout(target.kind, object) };
  } catch (error) {
    // The pods roll on without being looked at; what is refused now was not before, and may not be again.
    if (error instanceof UserError && error.code !== "job.canceled") {
      return { target, is: "unknown", words: "cannot be looked at: the API server gives no good answer" };
    }
    throw error;
  }
}
