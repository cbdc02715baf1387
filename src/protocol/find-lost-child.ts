import type { CircleCi } from "../circleci/client.ts";
import type { Pipeline } from "../circleci/schemas.ts";
import { UserError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { poll } from "./poll.ts";
import { decodeTicket, type Ticket } from "./ticket.ts";

/** How long a pipeline may take to be listed after it was asked for, in milliseconds. */
export const patience = 30_000;

/** Clocks of machines differ: so much older than the request a pipeline may look. */
const slack = 120_000;

export interface LostChild {
  readonly found: Pipeline | null;
  /** Pipelines of that time that are not it, as `#12`. */
  readonly strangers: readonly string[];
  /** Pipelines of that time that could not be looked into. */
  readonly hidden: readonly string[];
}

interface Wanted {
  readonly project: string;
  readonly ticket: string;
  /** When the request was sent, in milliseconds since 1970. */
  readonly since: number;
}

/**
 * Looks for the pipeline that a trigger has made whose answer was lost: the one among the project's recent ones
 * that carries this ticket in its values or its configuration.
 */
export async function findLostChild(api: CircleCi, host: Host, wanted: Wanted): Promise<LostChild> {
  const strangers = new Map<string, number>();
  const hidden = new Map<string, number>();
  const deadline = host.clock.now() + patience;
  const found = await poll(
    host,
    {
      first: 2_000,
      longest: 8_000,
      deadline: () => deadline,
      waitingFor: () => `Looking for the lost pipeline of ${wanted.project}.`,
    },
    async () => {
      for (const pipeline of await pipelinesFrom(api, wanted)) {
        if (strangers.has(pipeline.id)) continue;
        const { text, isWhole } = await readText(api, pipeline);
        if (text.includes(wanted.ticket)) return pipeline;
        // One that is only just there shows its values a little later.
        const isStranger = isWhole && pipeline.state !== "pending";
        (isStranger ? strangers : hidden).set(pipeline.id, pipeline.number);
      }
      return null;
    },
  );
  for (const id of strangers.keys()) hidden.delete(id);
  const [known, unknown] = [strangers, hidden].map((numbers) =>
    [...numbers.values()].map((number) => `#${number}`),
  );
  return { found, strangers: known ?? [], hidden: unknown ?? [] };
}

/** A trigger that is answered that late, in milliseconds, is not answered at all. */
export const latest = 10 * 60_000;

export interface TicketHolder {
  readonly pipeline: Pipeline;
  readonly ticket: string;
}

export interface Search {
  readonly found: TicketHolder | null;
  /** Pipelines that could not be looked into, as `#12`. */
  readonly hidden: readonly string[];
}

/** The same for a trigger of some time ago, with a single look. */
export async function findOldChild(api: CircleCi, wanted: Wanted): Promise<Search> {
  const { ticket } = wanted;
  return lookThrough(api, await pipelinesFrom(api, wanted), (text) =>
    text.includes(ticket) ? ticket : null,
  );
}

/** The pipelines that the request can have made, by their time. */
function pipelinesFrom(api: CircleCi, { project, since }: Wanted): Promise<readonly Pipeline[]> {
  return pipelinesBetween(api, project, since, since + latest);
}

/**
 * Both ends, in milliseconds since 1970, with some slack for clocks that differ. The oldest first: whoever runs
 * a pipeline again by hand copies its ticket as well, but never before the ticket was sent.
 */
async function pipelinesBetween(
  api: CircleCi,
  project: string,
  from: number,
  until: number,
): Promise<readonly Pipeline[]> {
  const found: Pipeline[] = [];
  for (let page = ""; ; ) {
    const { pipelines, next } = await api.pipelinesOf(project, page);
    for (const pipeline of pipelines) {
      const time = Date.parse(pipeline.created_at);
      if (time < from - slack) return found;
      if (time < until + slack) found.unshift(pipeline);
    }
    if (next === null) return found;
    page = next;
  }
}

/** A pipeline of that time that was triggered with a ticket such as is looked for. */
export async function findTicketHolder(
  api: CircleCi,
  { project, from, until }: { readonly project: string; readonly from: number; readonly until: number },
  isWanted: (ticket: Ticket, text: string) => boolean,
): Promise<Search> {
  return lookThrough(api, await pipelinesBetween(api, project, from, until), (text) => {
    const tickets = [...text.matchAll(/\bcb1(?:\.[\w-]+){1,2}/g)].map(([ticket]) => ticket);
    return tickets.find((ticket) => isTicket(ticket, isWanted)) ?? null;
  });
}

async function lookThrough(
  api: CircleCi,
  pipelines: readonly Pipeline[],
  findTicket: (text: string) => string | null,
): Promise<Search> {
  const hidden: string[] = [];
  for (const pipeline of pipelines) {
    const { text, isWhole } = await readText(api, pipeline);
    const ticket = findTicket(text);
    if (ticket !== null) return { found: { pipeline, ticket }, hidden };
    if (!isWhole || pipeline.state === "pending") hidden.push(`#${pipeline.number}`);
  }
  return { found: null, hidden };
}

function isTicket(text: string, isWanted: (ticket: Ticket, text: string) => boolean): boolean {
  try {
    return isWanted(decodeTicket(text), text);
  } catch {
    return false;
  }
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
