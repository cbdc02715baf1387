import { posix } from "node:path";
import type { Exec, Files, Host } from "../../src/host/host.ts";
import { createLog } from "../../src/host/log.ts";

export interface FakeHost extends Host {
  /** What a user would have read, both streams in their order. */
  readonly lines: readonly string[];
  readonly written: ReadonlyMap<string, string>;
  /** Every sleep, in milliseconds: the clock jumps. */
  readonly sleeps: readonly number[];
  cancel(): void;
}

/** A host without a machine: the clock starts at 2026-01-01, jumps on sleep, and `random` is always 1. */
export function createFakeHost(options: {
  readonly env?: Readonly<Record<string, string>>;
  readonly fetch?: Host["fetch"];
  readonly files?: Readonly<Record<string, string>>;
  readonly exec?: Exec;
  /** What `random` always says; 1, so that pauses are at their longest. */
  readonly random?: number;
  /** The time limit of every request passes; otherwise none ever does. */
  readonly requestsHang?: boolean;
  /** No request takes any time, so that a sleep which nothing ends is over, whatever its signal: longer ones later. */
  readonly answersAtOnce?: boolean;
}): FakeHost {
  const lines: string[] = [];
  const sleeps: number[] = [];
  const written = new Map(Object.entries(options.files ?? {}));
  const canceled = new AbortController();
  const write = (text: string) => {
    lines.push(...text.trimEnd().split("\n"));
  };
  let folders = 0;
  let now = Date.parse("2026-01-01T00:00:00Z");
  const files: Files = {
    read: async (path) => written.get(path) ?? null,
    write: async (path, text) => {
      written.set(path, text);
    },
    append: async (path, text) => {
      written.set(path, `${written.get(path) ?? ""}${text}`);
    },
    remove: async (path) => {
      written.delete(path);
    },
    move: async (from, to) => {
      for (const [path, text] of written) {
        if (path !== from && !path.startsWith(`${from}/`)) continue;
        written.delete(path);
        written.set(`${to}${path.slice(from.length)}`, text);
      }
    },
    makePrivateFolder: async () => {
      folders++;
      return `/tmp/private-${folders}`;
    },
    list: async (folder) => {
      const inside = [...written.keys()].filter((path) => path.startsWith(`${folder}/`));
      return [...new Set(inside.map((path) => path.slice(folder.length + 1).split("/")[0] ?? ""))];
    },
    resolve: async (path) => {
      const inside = posix.join("/project", path);
      const link = written.get(path)?.replace(/^-> /, "");
      if (link !== undefined && link !== written.get(path)) return link;
      const isThere = [...written.keys()].some((each) => posix.join("/project", each).startsWith(inside));
      return isThere ? inside : null;
    },
    link: async (target, path) => {
      written.set(path, `-> ${target}`);
    },
    removeFolder: async (folder) => {
      for (const path of written.keys()) if (path.startsWith(`${folder}/`)) written.delete(path);
    },
  };
  return {
    env: options.env ?? {},
    fetch:
      options.fetch ??
      (() => {
        throw new Error("this test makes no request");
      }),
    clock: {
      now: () => now,
      sleep: async (duration, signal) => {
        const end = now + duration;
        const mayBeLimit = signal !== undefined && signal !== canceled.signal && !options.requestsHang;
        if (mayBeLimit)
          await giveWay(signal, options.answersAtOnce ? 20 + duration / 100 : Number.POSITIVE_INFINITY);
        if (signal?.aborted) return;
        now = Math.max(now, end);
        sleeps.push(duration);
        await new Promise((resolve) => setImmediate(resolve));
      },
    },
    files,
    exec:
      options.exec ??
      (([program]) => {
        throw new Error(`this test starts no program, such as ${program}`);
      }),
    log: createLog({ out: write, err: write }),
    canceled: canceled.signal,
    random: () => options.random ?? 1,
    lines,
    written,
    sleeps,
    cancel: () => canceled.abort(new Error("cancelled by the test")),
  };
}

/** Lets so many turns of the event loop pass, or as many as it takes until the signal is aborted. */
function giveWay(signal: AbortSignal, turns: number): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      signal.removeEventListener("abort", end);
      resolve();
    };
    const wait = (left: number) => (left <= 0 ? end() : setImmediate(wait, left - 1));
    if (signal.aborted) return end();
    signal.addEventListener("abort", end);
    if (turns !== Number.POSITIVE_INFINITY) wait(turns);
  });
}
