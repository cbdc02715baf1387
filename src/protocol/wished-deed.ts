import type { CircleCi } from "../circleci/client.ts";
import { UserError } from "../errors.ts";
import type { ChildState } from "./child-state.ts";
import { callbackSign, splitJobs } from "./compiled-jobs.ts";
import { judgeChild } from "./judge-child.ts";
import type { Deed } from "./release.ts";

/** What the parameter `on-failure` of approve-in-parent can be. */
export type OnFailure = Deed | "leave";

/**
 * What is to become of the hold of a child that has ended. A child that has not ended well may have a callback
 * that would not have approved: its configuration tells, even where that callback never ran.
 */
export async function chooseDeed(
  api: CircleCi,
  pipelineId: string,
  { ending, workflows }: ChildState,
): Promise<OnFailure> {
  const onFailure = await readWish(api, pipelineId);
  if (onFailure === "approve" || ending === "error" || ending === "not_run") return onFailure;
  return (await judgeChild(api, pipelineId, workflows)).ending === "success" ? "approve" : onFailure;
}

/** The most careful wish of the callbacks that a pipeline has: those that were filtered out have no say. */
export async function readWish(api: CircleCi, pipelineId: string): Promise<OnFailure> {
  const config = await api.configOf(pipelineId);
  if (config !== "" && readOnFailure(config) === "approve") return "approve";
  const workflows = await api.workflowsOf(pipelineId);
  if (config === "" && workflows.length > 0)
    throw new UserError("circleci.failed", `CircleCI shows no configuration of pipeline ${pipelineId}.`);
  const names: string[] = [];
  for (const { id, tag } of workflows) {
    if (tag === "setup") continue;
    const jobs = await api.jobsOf(id);
    if (jobs.length === 0) return readOnFailure(config);
    names.push(...jobs.filter(({ type }) => type !== "approval").map(({ name }) => name));
  }
  return readOnFailure(chooseJobs(config, names));
}

/** The jobs of these names, or the whole configuration where it does not show all of them. */
function chooseJobs(config: string, names: readonly string[]): string {
  const jobs = splitJobs(config);
  const isKnown = (name: string) => jobs.some((job) => job.name === name);
  if (names.length === 0 || !names.every(isKnown)) return config;
  return jobs.flatMap(({ name, text }) => (names.includes(name) ? [text] : [])).join("");
}

/** The most careful wish in a configuration: compiled it has the step's variable, as source the parameter. */
export function readOnFailure(config: string): OnFailure {
  const name = config.includes(callbackSign) ? callbackSign : "on-failure";
  const wishes = [...config.matchAll(new RegExp(`${name}["']?:\\s*["']?(\\w+)`, "g"))].map(
    ([, wish]) => wish,
  );
  if (wishes.includes("leave")) return "leave";
  return wishes.includes("cancel") ? "cancel" : "approve";
}
