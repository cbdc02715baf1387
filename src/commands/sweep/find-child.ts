import type { CircleCi } from "../../circleci/client.ts";
import { pipelineUrl } from "../../circleci/links.ts";
import { UserError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { type Child, nameChild } from "../../protocol/child.ts";
import { type ChildState, readChildState } from "../../protocol/child-state.ts";
import { findOldChild, patience } from "../../protocol/find-lost-child.ts";
import type { Receipt } from "../../protocol/receipt.ts";
import { findUnrecordedChild, type TriggerRun } from "../../protocol/unrecorded-child.ts";

export interface FoundChild {
  /** Null: there is none, or nobody can tell. */
  readonly child: Child | null;
  readonly name: string;
  readonly state: ChildState;
  /** Why its project cannot be seen; null where it can. */
  readonly unseen: UserError | null;
  /** Nobody can tell whether there is one, though there may be. */
  readonly isDoubtful?: boolean;
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
  if (ticket === "") return { ...nobody(null, "cannot be found, since it got no ticket"), isDoubtful: true };
  if (host.clock.now() - since < patience) return nobody(null, "may only just be coming");
  const search = await findOldChild(api, { project, ticket, since }).catch(asNotFound);
  if (search instanceof UserError) return { ...nobody(null, inUnseenProject), unseen: search };
  const { found, unclear } = search;
  if (unclear !== null) return { ...nobody(null, `cannot be told: ${unclear.words}`), isDoubtful: true };
  if (found === null) return nobody("not_run", "was never made");
  const { id, number } = found.pipeline;
  return describe(api, host, { project, id, number, url: pipelineUrl(origin, project, number) });
}

/**
 * The child of a trigger that has left no receipt, by the ticket that it carries; null where there is none to be
 * seen. It is in a project that the parent's configuration names.
 */
export async function findUnrecorded(
  api: CircleCi,
  host: Host,
  origin: string,
  run: TriggerRun,
  wanted: { readonly receipt: string; readonly project: string },
): Promise<(FoundChild & { readonly ticket: string }) | null> {
  const { project } = wanted;
  const name = `the pipeline of ${project} that ${run.job.name} may have asked for`;
  const nobody = (words: string, unseen: UserError | null = null) => ({
    child: null,
    name,
    state: { ending: null, words, workflows: [], over: [] },
    unseen,
    isDoubtful: true,
    ticket: "",
  });
  const search = await findUnrecordedChild(api, run, { ...wanted, secret: null }).catch(asNotFound);
  if (search instanceof UserError) return nobody(inUnseenProject, search);
  const { found, unclear } = search;
  if (unclear !== null) return nobody(`cannot be told: ${unclear.words}`);
  if (found === null) return null;
  const { id, number } = found.pipeline;
  const child = { project, id, number, url: pipelineUrl(origin, project, number) };
  return { ...(await describe(api, host, child)), ticket: found.ticket };
}

const inUnseenProject = "is in a project that cannot be seen";

/** A receipt may name a pipeline that is not there, which is its own fault; a project that is hidden is the token's. */
async function describe(api: CircleCi, host: Host, child: Child): Promise<FoundChild> {
  const name = nameChild(child);
  const state = await readChildState(api, host, child.id).catch(asNotFound);
  if (!(state instanceof UserError)) return { child, name, state, unseen: null };
  const project = await api.pipelinesOf(child.project).next().catch(asNotFound);
  const unseen = project instanceof UserError ? project : null;
  const words = unseen === null ? "cannot be found, although its project can be seen" : inUnseenProject;
  return { child: null, name, state: { ending: null, words, workflows: [], over: [] }, unseen };
}

function asNotFound(error: unknown): UserError {
  if (error instanceof UserError && error.code === "circleci.not-found") return error;
  throw error;
}
