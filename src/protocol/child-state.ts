import type { CircleCi } from "../circleci/client.ts";
import type { Pipeline, Workflow } from "../circleci/schemas.ts";
import type { Host } from "../host/host.ts";
import { type Ending, isEnding, judge, mayStillPass, worstEnding } from "./verdict.ts";

/** Where a child stands, for whoever looks at it once and does not wait. */
export interface ChildState {
  /** Null: still under way. */
  readonly ending: Ending | null;
  /** Goes on after the child's name. */
  readonly words: string;
  /** The newest run of each. */
  readonly workflows: readonly Workflow[];
  /** Those of them that have ended, and will not run again by themselves. */
  readonly over: readonly Workflow[];
}

/**
 * A pipeline may take that long to get its workflows, in milliseconds. A child that has some needs no such
 * patience: whoever calls back is a job of its own, so where all have ended, nobody is left to do it.
 */
const startGrace = 10 * 60_000;

export async function readChildState(api: CircleCi, host: Host, pipelineId: string): Promise<ChildState> {
  const all = await api.workflowsOf(pipelineId);
  const now = host.clock.now();
  const { result, workflows } = judge(all, { patterns: [], now });
  const name = (some: readonly Workflow[]) =>
    some.map((each) => `${each.name} is ${each.status ?? "being created"}`).join(", ");
  if (result !== null)
    return { ending: result, words: `has ended (${name(workflows)})`, workflows, over: workflows };
  if (workflows.length === 0) return judgeStart(await api.pipeline(pipelineId), all, now);
  const open = workflows.filter(({ status }) => !isEnding(status));
  const over = workflows.filter((each) => isEnding(each.status) && !mayStillPass(each, all, now));
  const words = `is still under way (${name(open) || "it may run again by itself"})`;
  return { ending: null, words, workflows, over };
}

/** Of a pipeline that has no workflow but, maybe, its setup workflow. */
export function judgeStart(
  { state, errors, created_at: createdAt }: Pick<Pipeline, "state" | "errors" | "created_at">,
  setups: readonly Workflow[],
  now: number,
): ChildState {
  const answer = (ending: Ending | null, words: string) => ({ ending, words, workflows: [], over: [] });
  if (state === "errored") {
    const reasons = errors.map(({ message }) => message).join("; ") || "no reason given";
    return answer("error", `could not start: ${reasons}`);
  }
  if (setups.some(({ status }) => !isEnding(status)))
    return answer(null, "is still under way (its setup workflow)");
  const setup = worstEnding(setups.map(({ status }) => status));
  if (setup !== null && setup !== "success" && state === "setup") {
    return answer(setup, `never started: its setup workflow ended ${setup}`);
  }
  const since = Math.max(
    ...[createdAt, ...setups.map((each) => each.stopped_at ?? createdAt)].map(Date.parse),
  );
  if (now - since < startGrace) return answer(null, "is only just beginning");
  return answer("not_run", "never got a workflow");
}
