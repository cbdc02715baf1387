import { setMaxListeners } from "node:events";
import type { Files, Host } from "../../src/host/host.ts";
import { createLog } from "../../src/host/log.ts";
import type { Api } from "../../src/simulator/api/api.ts";
import type { Clock } from "../../src/simulator/engine/clock.ts";
import type { Random } from "./random.ts";

/** What all machines share. */
export interface Network {
  readonly clock: Clock;
  readonly api: () => Api;
  readonly random: Random;
  /** The bytes behind the address of an artifact: `<job id>/<path>`. */
  readonly readArtifact: (key: string) => string | null;
  /** A request that could not be there in a sane run. */
  readonly onDefect: (sentence: string) => void;
  /** False once there were so many requests that this run will never end. */
  readonly countRequest: () => boolean;
}

const artifactOrigin = "http://artifacts.invalid";

/** The machine of one job: files in memory, time and requests on the virtual clock; when it is lost, nothing goes on. */
export class JobMachine {
  readonly files = new Map<string, string>();
  /** What the job has printed. */
  output = "";
  lastWords: number;
  longestSilence = 0;
  readonly #network: Network;
  readonly #jobId: string;
  readonly #canceled = new AbortController();
  readonly #pending = new Set<() => void>();
  #isLost = false;

  constructor(network: Network, jobId: string) {
    this.#network = network;
    this.#jobId = jobId;
    this.lastWords = network.clock.now();
    setMaxListeners(0, this.#canceled.signal);
  }

  get canceled(): AbortSignal {
    return this.#canceled.signal;
  }

  cancel(): void {
    this.#canceled.abort();
  }

  /** From now on its clock stands still, and nothing is answered or written. */
  lose(): void {
    this.#isLost = true;
    for (const callOff of this.#pending) callOff();
  }

  host(env: Readonly<Record<string, string>>): Host {
    const write = (text: string) => {
      this.listen();
      this.output += text;
    };
    return {
      env,
      clock: {
        now: () => this.#network.clock.now(),
        sleep: (duration, signal) => this.sleep(duration, signal),
      },
      files: this.#makeFiles(),
      log: createLog({ out: write, err: write }),
      canceled: this.#canceled.signal,
      random: () => this.#network.random.next(),
      fetch: (url, init) => this.#fetch(url, init),
      exec: refuse,
    };
  }

  /** Takes note of how long the job had been silent by now. */
  listen(): void {
    const now = this.#network.clock.now();
    this.longestSilence = Math.max(this.longestSilence, now - this.lastWords);
    this.lastWords = now;
  }

  sleep(duration: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isLost) return;
      if (signal?.aborted) {
        resolve();
        return;
      }
      const forget = () => {
        callOff();
        signal?.removeEventListener("abort", end);
        this.#pending.delete(forget);
      };
      const end = () => {
        forget();
        resolve();
      };
      const callOff = this.#network.clock.after(duration, end);
      signal?.addEventListener("abort", end);
      this.#pending.add(forget);
    });
  }

  #makeFiles(): Files {
    const { files } = this;
    const set = (path: string, text: string) => {
      if (!this.#isLost) files.set(path, text);
    };
    return {
      read: async (path) => files.get(path) ?? null,
      write: async (path, text) => set(path, text),
      append: async (path, text) => set(path, `${files.get(path) ?? ""}${text}`),
      remove: async (path) => {
        if (!this.#isLost) files.delete(path);
      },
      list: async (folder) =>
        [...files.keys()]
          .filter((path) => path.startsWith(`${folder}/`))
          .map((path) => path.slice(folder.length + 1)),
      ...unusedFiles,
    };
  }

  /** Every request takes a while on its way and back, so that others can come between. */
  #fetch(url: string, init: RequestInit): Promise<Response> {
    return new Promise((resolve, reject) => {
      const { signal } = init;
      const abort = () => reject(new Error("aborted"));
      signal?.addEventListener("abort", abort);
      this.#travel(url, init)
        .then(resolve, reject)
        .finally(() => signal?.removeEventListener("abort", abort));
    });
  }

  async #travel(url: string, { method = "GET", headers = {}, body = null }: RequestInit): Promise<Response> {
    const { random, countRequest } = this.#network;
    if (!countRequest()) return new Promise(() => {});
    await this.sleep(latency(random));
    const answer = await this.#answer(url, new Request(url, { method, headers, body }));
    await this.sleep(latency(random));
    return answer;
  }

  async #answer(url: string, request: Request): Promise<Response> {
    const { api, readArtifact, onDefect } = this.#network;
    if (!url.startsWith(artifactOrigin)) return api().fetch(request, this.#jobId);
    if (request.headers.has("circle-token")) onDefect(`The token was shown to ${url}.`);
    const [id = "", , ...path] = new URL(url).pathname.slice(1).split("/");
    const text = readArtifact(`${id}/${path.map(decodeURIComponent).join("/")}`);
    return text === null ? new Response(null, { status: 404 }) : new Response(text);
  }
}

/** Mostly quick, seldom slow enough for much to happen meanwhile. */
function latency(random: Random): number {
  return random.chance(0.03) ? random.between(80, 4000) : random.between(5, 80);
}

/** The commands of a campaign start no program and need no folder. */
function refuse(): never {
  throw new Error("a campaign has no such thing");
}

const unusedFiles = {
  move: refuse,
  makePrivateFolder: refuse,
  resolve: refuse,
  link: refuse,
  removeFolder: refuse,
};
