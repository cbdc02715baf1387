import { STATUS_CODES } from "node:http";
import type { Fault, FaultEffect } from "../scenario/scenario.ts";
import { matchesGlob } from "./glob.ts";

export interface MetFault {
  /** Place in the scenario's list. */
  readonly index: number;
  readonly effect: FaultEffect;
}

/** Which fault meets which request: the first that matches and is not used up. */
export class FaultPlan {
  /** How often each has fired. */
  readonly fired: number[];
  readonly #faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    this.#faults = faults;
    this.fired = faults.map(() => 0);
  }

  /** `path` without its query; `job` is the name of the calling job. */
  take(method: string, path: string, job: string | null): MetFault | null {
    for (const [index, fault] of this.#faults.entries()) {
      const fired = this.fired[index] ?? 0;
      if (fired < fault.times && meets(fault, method, path, job)) {
        this.fired[index] = fired + 1;
        return { index, effect: fault.effect };
      }
    }
    return null;
  }
}

function meets(fault: Fault, method: string, path: string, job: string | null): boolean {
  return (
    fault.method.toUpperCase() === method &&
    matchesGlob(fault.path, path) &&
    (fault.job === null || fault.job === job)
  );
}

/** Whether another answer takes the place of the true one. */
export function replacesAnswer(effect: FaultEffect): boolean {
  return effect.drop || effect.status !== null || effect.body !== undefined;
}

/** The answer that a fault puts in the place of the true one. */
export function answerInstead(effect: FaultEffect): Response {
  const status = effect.status ?? 200;
  const headers = new Headers(effect.headers);
  if (status === 204 || status === 304) return new Response(null, { status, headers });
  const body = effect.body === undefined ? { message: STATUS_CODES[status] ?? "" } : effect.body;
  const isText = typeof body === "string";
  if (!headers.has("content-type")) headers.set("content-type", isText ? "text/plain" : "application/json");
  return new Response(isText ? body : JSON.stringify(body), { status, headers });
}

/** The true answer with the headers of a fault, such as those of a rate limit. */
export function addHeaders(answer: Response, effect: FaultEffect): Response {
  const headers = new Headers(answer.headers);
  for (const [name, value] of Object.entries(effect.headers)) headers.set(name, value);
  return new Response(answer.body, { status: answer.status, headers });
}
