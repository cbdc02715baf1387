import type { CircleCi } from "../circleci/client.ts";
import type { Pipeline } from "../circleci/schemas.ts";
import { UserError } from "../errors.ts";

/** Clocks of machines differ: so much older or younger than it was a pipeline may look. */
const slack = 120_000;

export interface Span {
  readonly project: string;
  /** Both ends, in milliseconds since 1970. */
  readonly from: number;
  readonly until: number;
}

export interface FoundTicket {
  readonly ticket: string;
  /** False where there is a signing secret, and the ticket is not signed with it. */
  readonly isGenuine: boolean;
}

export interface TicketHolder {
  readonly pipeline: Pipeline;
  readonly ticket: string;
}

/** What the pipelines of some time have shown. */
export interface Search {
  readonly found: TicketHolder | null;
  /** Why nobody can tell whether one of them is it; null also where it is found. */
  readonly unclear: Unclear | null;
  /** Those that are surely not it. */
  readonly strangers: readonly Pipeline[];
}

interface Unclear {
  /** `#12 cannot be looked into` */
  readonly words: string;
  readonly hints: readonly string[];
}

/**
 * Looks for the pipeline that has been triggered with a ticket. The ticket alone proves nothing: everybody who sees
 * the pipeline or the receipt can read it and copy it. So its pipeline must be one that the token's own user has
 * triggered. The oldest such is taken, since a copy is never older than what it is copied from. One that another
 * user has triggered, or that is not signed with the present secret, may be the child under an older token or
 * secret: then nobody can tell. With neither, it is a forgery.
 */
export async function searchPipelines(
  api: CircleCi,
  pipelines: readonly Pipeline[],
  findTicket: (text: string) => FoundTicket | null,
): Promise<Search> {
  const strangers: Pipeline[] = [];
  const hidden: Pipeline[] = [];
  const doubts: string[] = [];
  for (const pipeline of pipelines) {
    const { text, isWhole } = await readText(api, pipeline);
    const found = findTicket(text);
    if (found !== null) {
      const doubt = await findDoubt(api, pipeline, found);
      if (doubt === null) return { found: { pipeline, ticket: found.ticket }, unclear: null, strangers };
      if (doubt !== "forged") doubts.push(`${doubt}`);
      continue;
    }
    // One that is only just there shows its values a little later.
    (isWhole && pipeline.state !== "pending" ? strangers : hidden).push(pipeline);
  }
  return { found: null, unclear: explain(doubts, hidden), strangers };
}

async function findDoubt(
  api: CircleCi,
  { number, trigger }: Pipeline,
  { isGenuine }: FoundTicket,
): Promise<string | null> {
  const own = await api.ownLogin();
  const actor = trigger?.actor?.login ?? "nobody that CircleCI tells of";
  if (actor === own) {
    return isGenuine ? null : `#${number} carries its ticket, but signed with another secret than this job's`;
  }
  return isGenuine ? `#${number} carries its ticket, but was triggered by ${actor}, not by ${own}` : "forged";
}

function explain(doubts: readonly string[], hidden: readonly Pipeline[]): Unclear | null {
  const unread = hidden.length === 0 ? [] : [`${namePipelines(hidden)} cannot be looked into`];
  const words = [...doubts, ...unread].join("; ");
  if (words === "") return null;
  return { words, hints: doubts.length === 0 ? [] : [lookAtDoubtful] };
}

const lookAtDoubtful =
  "Look at that pipeline: it is the child if the token was another user's then, or the signing secret another; else somebody has copied or forged its ticket.";

export function namePipelines(pipelines: readonly Pipeline[]): string {
  return pipelines.map(({ number }) => `#${number}`).join(", ");
}

/** The oldest first, with some slack for clocks that differ. */
export async function pipelinesBetween(
  api: CircleCi,
  { project, from, until }: Span,
): Promise<readonly Pipeline[]> {
  const found: Pipeline[] = [];
  for await (const pipeline of api.pipelinesOf(project)) {
    const time = Date.parse(pipeline.created_at);
    if (time < from - slack) break;
    if (time < until + slack) found.unshift(pipeline);
  }
  return found;
}

/** Empty where the service shows nothing (yet). */
async function readText(
  api: CircleCi,
  { id }: Pipeline,
): Promise<{ readonly text: string; readonly isWhole: boolean }> {
  try {
    return await api.pipelineText(id);
  } catch (error) {
    if (error instanceof UserError && error.code !== "circleci.unauthorized")
      return { text: "", isWhole: false };
    throw error;
  }
}
