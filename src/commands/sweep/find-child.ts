import type { CircleCi } from "../../circleci/client.ts";
import { pipelineUrl } from "../../circleci/links.ts";
import { UserError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { type Child, nameChild } from "../../protocol/child.ts";
import { type ChildState, readChildState } from "../../protocol/child-state.ts";
import { findOldChild, patience } from "../../protocol/find-lost-child.ts";
import type { Receipt } from "../../protocol/receipt.ts";

export interface FoundChild {
  /** Null: there is none, or nobody can tell. */
  readonly child: Child | null;
  readonly name: string;
  readonly state: ChildState;
  /** Why its project cannot be seen; null where it can. */
  readonly unseen: UserError | null;
}

/** The child that a receipt tells of, and where it stands. One whose trigger was never answered is looked for by its ticket. */
export async function findChild(
  api: CircleCi,
  host: Host,
  origin: string,
  receipt: Receipt,
): Promise<FoundChild> {
  const { project, pipeline, ticket, sentAt: since } = receipt;
  if (pipeline !== null) return describe(api, host, { project, ...pipeline });
  const name = `the pipeline of ${project} that it asked for`;
  const nobody = (ending: "not_run" | null, words: string) => ({
    child: null,
    name,
    state: { ending, words, workflows: [], over: [] },
    unseen: null,
  });
  if (ticket === "") return nobody(null, "cannot be found, since it got no ticket");
  if (host.clock.now() - since < patience) return nobody(null, "may only just be coming");
  const search = await findOldChild(api, { project, ticket, since }).catch(asNotFound);
  if (search instanceof UserError) return { ...nobody(null, inUnseenProject), unseen: search };
  const { found, hidden } = search;
  if (found === null) {
    return hidden.length === 0
      ? nobody("not_run", "was never made")
      : nobody(null, "may be one of those that cannot be looked into");
  }
  const { id, number } = found.pipeline;
  return describe(api, host, { project, id, number, url: pipelineUrl(origin, project, number) });
}

const inUnseenProject = "is in a project that cannot be seen";

/** A receipt may name a pipeline that is not there, which is its own fault; a project that is hidden is the token's. */
async function describe(api: CircleCi, host: Host, child: Child): Promise<FoundChild> {
  const name = nameChild(child);
  const state = await readChildState(api, host, child.id).catch(asNotFound);
  if (!(state instanceof UserError)) return { child, name, state, unseen: null };
  const project = await api.pipelinesOf(child.project).catch(asNotFound);
  const unseen = project instanceof UserError ? project : null;
  const words = unseen === null ? "cannot be found, although its project can be seen" : inUnseenProject;
  return { child: null, name, state: { ending: null, words, workflows: [], over: [] }, unseen };
}

function asNotFound(error: unknown): UserError {
  if (error instanceof UserError && error.code === "circleci.not-found") return error;
  throw error;
}
