import type { CircleCi } from "../circleci/client.ts";
import type { Pipeline } from "../circleci/schemas.ts";
import type { Host } from "../host/host.ts";
import { poll } from "./poll.ts";
import {
  type FoundTicket,
  namePipelines,
  pipelinesBetween,
  type Search,
  searchPipelines,
} from "./search-pipelines.ts";

/** How long a pipeline may take to be listed after it was asked for, in milliseconds. */
export const patience = 30_000;

/** A trigger that is answered that late, in milliseconds, is not answered at all. */
export const latest = 10 * 60_000;

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
export async function findLostChild(api: CircleCi, host: Host, wanted: Wanted): Promise<Search> {
  const strangers = new Map<string, Pipeline>();
  const deadline = host.clock.now() + patience;
  let unclear: Search["unclear"] = null;
  const found = await poll(
    host,
    {
      first: 2_000,
      longest: 8_000,
      deadline: () => deadline,
      waitingFor: () => `Looking for the lost pipeline of ${wanted.project}.`,
    },
    async () => {
      const unknown = (await pipelinesFrom(api, wanted)).filter(({ id }) => !strangers.has(id));
      const search = await searchPipelines(api, unknown, (text) => findExact(text, wanted));
      for (const stranger of search.strangers) strangers.set(stranger.id, stranger);
      unclear = search.unclear;
      return search.found;
    },
  );
  return { found, unclear, strangers: [...strangers.values()] };
}

/** The same for a trigger of some time ago, with a single look. */
export async function findOldChild(api: CircleCi, wanted: Wanted): Promise<Search> {
  return searchPipelines(api, await pipelinesFrom(api, wanted), (text) => findExact(text, wanted));
}

function findExact(text: string, { ticket }: Wanted): FoundTicket | null {
  return text.includes(ticket) ? { ticket, isGenuine: true } : null;
}

/** The pipelines that the request can have made, by their time. */
function pipelinesFrom(api: CircleCi, { project, since }: Wanted): Promise<readonly Pipeline[]> {
  return pipelinesBetween(api, { project, from: since, until: since + latest });
}

/** What was seen of pipelines among which the wanted one was not found, in half a sentence. */
export function describeSearch({ strangers, unclear }: Search, project: string): string {
  const words = [
    ...(strangers.length > 0
      ? [`${namePipelines(strangers)}, made at that time, has another ticket or none`]
      : []),
    ...(unclear === null ? [] : [unclear.words]),
  ];
  return words.join(", ") || `${project} lists no pipeline of that time`;
}
