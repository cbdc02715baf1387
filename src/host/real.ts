import { exec } from "./exec.ts";
import { files } from "./files.ts";
import type { Clock, Host } from "./host.ts";
import { createLog } from "./log.ts";
import { explainProxy } from "./proxy-warning.ts";

const clock: Clock = {
  now: () => Date.now(),
  sleep: (duration, signal) =>
    new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, duration);
      if (signal?.aborted) end();
      else signal?.addEventListener("abort", end);
    }),
};

const deadly = ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"] as const;

/**
 * The machine that the command runs on. Signals that would end it cancel instead, so that it can still tidy up and
 * say how it leaves things.
 */
export function realHost(): Host {
  const cancel = new AbortController();
  // Whoever signals the whole process group makes it arrive twice, once through the shell: the second must not kill.
  for (const signal of deadly) process.on(signal, () => cancel.abort());
  // Nobody reads any more. Unheard, such an error would end the process at once, with nothing tidied up.
  for (const output of [process.stdout, process.stderr]) output.on("error", () => cancel.abort());
  const log = createLog({
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  });
  const proxy = explainProxy(process.env, process.versions.node);
  if (proxy !== null) log.warn(proxy);
  return {
    env: process.env,
    fetch: (url, init) => fetch(url, init),
    clock,
    files,
    exec,
    log,
    canceled: cancel.signal,
    random: Math.random,
  };
}

/**
 * Ends the process once everything is written, and at once then: while Node takes itself down at its leisure,
 * a signal that is passed on late would still kill it, and hide the exit code.
 */
export function endWith(exitCode: number): void {
  process.stdout.write("", () => process.stderr.write("", () => process.exit(exitCode)));
}
