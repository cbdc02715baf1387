import type { Host } from "../host/host.ts";
import { NoAnswer, type Outcome, sendPatiently } from "../host/request.ts";
import type { Access } from "./access.ts";
import { createHttpsFetch } from "./https-fetch.ts";
import { LostAnswer } from "./lost-answer.ts";
import { explainRefusal } from "./refusal.ts";
import { explainSilence, isTlsFailure } from "./silence.ts";

export interface ApiRequest {
  readonly method: "GET" | "PATCH" | "DELETE";
  /** Below the server's address, with its query. */
  readonly path: string;
  readonly type?: string;
  readonly body?: string;
  /** Statuses beside 2xx that the caller knows what to do with. */
  readonly accept?: readonly number[];
  readonly tries?: number;
  readonly isQuiet?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** An earlier try got no answer, or none that could be used. */
  readonly wasLost: boolean;
}

/** A cluster's API server. Any request may be sent twice: what it asks for must bear that. */
export interface Api {
  readonly access: Access;
  /** Throws a `UserError` for any answer that is neither good nor acceptable. */
  send(request: ApiRequest): Promise<Answer>;
  /** The same cluster for another host: one that is not cancelled. */
  with(host: Host): Api;
}

export function openApi(host: Host, access: Access, fetch = createHttpsFetch(access.trust)): Api {
  return {
    access,
    with: (other) => openApi(other, access, fetch),
    async send({ method, path, type, body, accept = [], tries = 4, isQuiet = false }) {
      const name = `${method} ${path.replace(/\?.*$/, "")}`;
      let wasLost = false;
      const sent = sendPatiently(
        { ...host, fetch },
        {
          name,
          prepare: async () => {
            const token = await access.bearer();
            const headers = {
              Accept: "application/json, */*",
              ...(token !== null && { Authorization: `Bearer ${token.reveal()}` }),
              ...(type !== undefined && { "Content-Type": type }),
            };
            return {
              url: `${access.server}${path}`,
              init: { method, headers, ...(body !== undefined && { body }) },
            };
          },
          problemOf: (outcome) => {
            const problem = problemOf(outcome);
            const isCertain = outcome instanceof NoAnswer ? outcome.unsent : outcome.status === 429;
            wasLost ||= problem !== null && !isCertain;
            return problem;
          },
          tries,
          isQuiet,
        },
      );
      const reply = await sent.catch((error: unknown) => {
        if (host.canceled.aborted) throw new LostAnswer("job.canceled", "This job was cancelled.");
        throw explainSilence(error, access, name);
      });
      if ((reply.status >= 200 && reply.status < 300) || accept.includes(reply.status))
        return { ...reply, wasLost };
      const refusal = explainRefusal(reply, access, name);
      const { code, message, hints } = refusal;
      // An earlier try may have been more successful than this one.
      throw wasLost ? new LostAnswer(code, message, { hints }) : refusal;
    },
  };
}

function problemOf(outcome: Outcome): string | null {
  if (outcome instanceof NoAnswer) {
    return isTlsFailure(outcome) ? null : `got no answer (${outcome.message})`;
  }
  // That is how a field is refused which the kind does not have, and asking again would not help.
  if (outcome.text.includes("failed to create typed patch object")) return null;
  return [429, 500, 502, 503, 504].includes(outcome.status) ? `was answered ${outcome.status}` : null;
}
