import type { CircleCi } from "../../circleci/client.ts";
import { pipelineUrl } from "../../circleci/links.ts";
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
    state: { ending, words, workflows: [] },
  });
  if (ticket === "") return nobody(null, "cannot be found, since it got no ticket");
  if (host.clock.now() - since < patience) return nobody(null, "may only just be coming");
  const { found, isSure } = await findOldChild(api, { project, ticket, since });
  if (found === null) {
    return isSure
      ? nobody("not_run", "was never made")
      : nobody(null, "may be one of those that cannot be looked into");
  }
  const { id, number } = found;
  return describe(api, host, { project, id, number, url: pipelineUrl(origin, project, number) });
}

async function describe(api: CircleCi, host: Host, child: Child): Promise<FoundChild> {
  return { child, name: nameChild(child), state: await readChildState(api, host, child.id) };
}
