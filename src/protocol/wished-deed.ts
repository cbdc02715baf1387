import type { CircleCi } from "../circleci/client.ts";
import type { ChildState } from "./child-state.ts";
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
  const onFailure = readOnFailure(await api.configOf(pipelineId));
  if (onFailure === "approve" || ending === "error" || ending === "not_run") return onFailure;
  return (await judgeChild(api, pipelineId, workflows)).ending === "success" ? "approve" : onFailure;
}

/** The most careful wish in a configuration: compiled it has the step's variable, as source the parameter. */
export function readOnFailure(config: string): OnFailure {
  const variable = "CIRCLEBACK_PARAM_ON_FAILURE";
  const name = config.includes(variable) ? variable : "on-failure";
  const wishes = [...config.matchAll(new RegExp(`${name}["']?:\\s*["']?(\\w+)`, "g"))].map(
    ([, wish]) => wish,
  );
  if (wishes.includes("leave")) return "leave";
  return wishes.includes("cancel") ? "cancel" : "approve";
}
