import type { ParameterValue } from "../compiler/compiled-config.ts";
import { Refusal } from "./refusal.ts";
import type { Pipeline, Project, User } from "./state.ts";

export interface TriggerRequest {
  readonly project: Project;
  /** At most one of the two; neither: the default branch. */
  readonly branch: string | null;
  readonly tag: string | null;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly actor: User;
  readonly type: Pipeline["trigger"]["type"];
}

/** What a pipeline checks out: exactly one of the two is set. Throws `Refusal`. */
export function chooseRef({ project, branch, tag }: TriggerRequest): Pick<Pipeline, "branch" | "tag"> {
  if (branch !== null && tag !== null) {
    throw new Refusal("bad-request", "Only one of branch and tag can be given.");
  }
  if (tag !== null) return { branch: null, tag };
  const chosen = branch ?? project.branches[0];
  if (chosen === undefined || !project.branches.includes(chosen)) {
    throw new Refusal("bad-request", "Branch not found");
  }
  return { branch: chosen, tag: null };
}

export function createPipeline(
  request: TriggerRequest,
  born: Pick<Pipeline, "id" | "number" | "branch" | "tag" | "revision" | "createdAt">,
): Pipeline {
  const { project, parameters, actor, type } = request;
  return {
    ...born,
    project,
    state: "pending",
    errors: [],
    parameters,
    values: {},
    trigger: { type, actor, receivedAt: born.createdAt },
    updatedAt: born.createdAt,
    source: "",
    compiled: null,
    setupSource: null,
    compiledSetup: null,
    continuationKey: null,
    workflows: [],
  };
}
