import type { Hono } from "hono";
import type { RequestReport } from "../report/report.ts";
import type { Fault, FaultEffect, ScenarioToken } from "../scenario/scenario.ts";
import { createApp } from "./app.ts";
import { BytesOrigin, type Leak } from "./artifacts.ts";
import type { ApiEngine, ApiEnvironment } from "./call.ts";
import { addHeaders, answerInstead, FaultPlan, replacesAnswer } from "./faults.ts";
import { RequestLog } from "./request-log.ts";
import { jobsOf } from "./sight.ts";
import { unescapeSlug } from "./slug.ts";

export interface ApiOptions {
  readonly engine: ApiEngine;
  readonly tokens: readonly ScenarioToken[];
  readonly faults: readonly Fault[];
}

/** The connection ended without an answer. */
export class ConnectionCut extends Error {
  override readonly name = "ConnectionCut";
}

/** API v2 with everything that can go wrong on the way to it; it needs no socket. */
export class Api {
  readonly #engine: ApiEngine;
  readonly #app: Hono<ApiEnvironment>;
  readonly #faults: FaultPlan;
  readonly #log = new RequestLog();
  readonly #bytes: BytesOrigin;
  readonly #startedAt: number;
  readonly #waiting = new Set<() => void>();
  #bytesOrigin = "http://artifacts.invalid";

  constructor({ engine, tokens, faults }: ApiOptions) {
    this.#engine = engine;
    this.#faults = new FaultPlan(faults);
    this.#bytes = new BytesOrigin(() => jobsOf(engine.pipelines), engine.options.contexts);
    this.#startedAt = engine.options.clock.now();
    this.#app = createApp({ engine, tokens, bytesOrigin: () => this.#bytesOrigin });
  }

  get requests(): readonly RequestReport[] {
    return this.#log.entries;
  }

  /** How often each fault has fired, in the order of the scenario. */
  get faultsFired(): readonly number[] {
    return this.#faults.fired;
  }

  /** Tokens that a client showed to the origin of the bytes. */
  get leaks(): readonly Leak[] {
    return this.#bytes.leaks;
  }

  /** Calls the listener once per request, when it has been answered. The answer ends it. */
  onRequest(listener: (request: RequestReport) => void): () => void {
    return this.#log.onRequest(listener);
  }

  /** As the global `fetch` for the job: rejects with a `TypeError` where a fault cuts the connection. */
  async fetch(request: Request, jobId: string | null): Promise<Response> {
    if (new URL(request.url).origin === this.#bytesOrigin) return this.fetchBytes(request);
    try {
      return await this.answer(request, jobId);
    } catch (error) {
      throw error instanceof ConnectionCut ? new TypeError("fetch failed", { cause: error }) : error;
    }
  }

  /** What goes over the wire to the calling job; throws `ConnectionCut` where nothing does. */
  async answer(request: Request, jobId: string | null): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const path = unescapeSlug(pathname);
    const fault = this.#faults.take(request.method, path, this.#nameOf(jobId));
    const end = this.#log.begin({
      at_ms: this.#engine.options.clock.now() - this.#startedAt,
      method: request.method,
      path: pathname + search,
      job: jobId,
      fault: fault?.index ?? null,
    });
    try {
      const answer = await (fault ? this.#misbehave(request, fault.effect) : this.#obey(request, 0));
      end(answer.status);
      return answer;
    } catch (error) {
      end(error instanceof ConnectionCut ? null : 500);
      throw error;
    }
  }

  fetchBytes(request: Request): Promise<Response> {
    return this.#bytes.fetch(request);
  }

  /** Where redirects to the bytes of artifacts lead; without a server it is an origin that only `fetch` knows. */
  serveBytesFrom(origin: string): void {
    this.#bytesOrigin = origin;
  }

  /** Cuts every connection that still waits for a delayed answer. */
  cutWaiting(): void {
    for (const cut of this.#waiting) cut();
  }

  async #misbehave(request: Request, effect: FaultEffect): Promise<Response> {
    const isReplaced = replacesAnswer(effect);
    const answer = isReplaced && !effect.afterAccepted ? null : await this.#obey(request, effect.stale);
    if (effect.delay > 0) await this.#wait(effect.delay);
    if (effect.drop) throw new ConnectionCut("The connection was cut.");
    return isReplaced || answer === null ? answerInstead(effect) : addHeaders(answer, effect);
  }

  async #obey(request: Request, stale: number): Promise<Response> {
    const engine = this.#engine;
    const isLate = stale > 0 && request.method === "GET";
    const pipelines = isLate ? engine.stateAt(engine.options.clock.now() - stale) : engine.pipelines;
    return this.#app.fetch(request, { pipelines });
  }

  #wait(delay: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const cut = () => {
        callOff();
        this.#waiting.delete(cut);
        reject(new ConnectionCut("The simulator was closed."));
      };
      const callOff = this.#engine.options.clock.after(delay, () => {
        this.#waiting.delete(cut);
        resolve();
      });
      this.#waiting.add(cut);
    });
  }

  #nameOf(jobId: string | null): string | null {
    return jobsOf(this.#engine.pipelines).find(({ id }) => id === jobId)?.name ?? null;
  }
}
