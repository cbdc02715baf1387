import type { ExecResult, Host } from "../host/host.ts";
import type { Secret } from "../secret.ts";
import { diagnose, type Problem } from "./diagnose.ts";
import { type Docker, type DockerCall, explainFailure } from "./docker.ts";
import { showArgv } from "./show-argv.ts";

/** A login at a registry that can be made anew. */
export interface Login {
  /** Whether it may be at its end before a push is. */
  isEnding(): boolean;
  renew(): Promise<void>;
}

export interface Grant {
  readonly user: string;
  readonly password: Secret;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

const margin = 5 * 60_000;

/** How often a call to a registry is tried that fails for no lasting reason. */
const tries = 3;

/** The password never stands in the arguments, which every process of the machine may read. */
export function loginCall(registry: string, user: string): DockerCall {
  return { args: ["login", "--username", user, "--password-stdin", registry] };
}

/** Logs Docker in with `first`, and later with what `renew` gets. Throws `registry.unauthorized` or `registry.failed`. */
export async function logIn(
  host: Host,
  docker: Docker,
  registry: string,
  first: Grant,
  renew: () => Promise<Grant>,
): Promise<Login> {
  let grant = first;
  const enter = async () => {
    const call = { ...loginCall(registry, grant.user), input: grant.password.reveal() };
    const name = `docker login ${registry}`;
    const run = async () => {
      const result = await docker.ask(call);
      if (result.exitCode !== 0) host.log.info(result.output.trimEnd());
      return result;
    };
    host.log.info(`$ ${showArgv(["docker", ...call.args])}`);
    const result = await tryAgain(host, { name, run, problemOf: diagnose });
    if (result.exitCode !== 0) {
      throw explainFailure(name, result, diagnose(result.output), "registry.failed");
    }
    host.log.info(`Logged in to ${registry}, for this step alone.`);
  };
  await enter();
  return {
    isEnding: () => grant.expiresAt - host.clock.now() < margin,
    async renew() {
      host.log.info(`The login at ${registry} has expired: getting a new one.`);
      grant = await renew();
      await enter();
    },
  };
}

export interface Sending {
  /** For the log: `docker push`. */
  readonly name: string;
  readonly run: () => Promise<ExecResult>;
  /** From what it printed as it failed; "other" is worth another try. */
  readonly problemOf: (output: string) => Problem;
}

/**
 * Runs what sends something to a registry, up to three times, and answers the last result. A login that has expired
 * is renewed, once; lasting problems end it at once.
 */
export async function sendWithLogin(host: Host, login: Login, sending: Sending): Promise<ExecResult> {
  if (login.isEnding()) {
    await login.renew();
    return tryAgain(host, sending);
  }
  const result = await tryAgain(host, sending);
  if (result.exitCode === 0 || sending.problemOf(result.output) !== "login") return result;
  await login.renew();
  return tryAgain(host, sending);
}

async function tryAgain(host: Host, { name, run, problemOf }: Sending): Promise<ExecResult> {
  for (let count = 1; ; count++) {
    const result = await run();
    if (result.exitCode === 0 || count === tries || problemOf(result.output) !== "other") return result;
    const pause = 2_000 * count * (0.5 + host.random() / 2);
    host.log.warn(`${name} failed; trying again in ${(pause / 1000).toFixed(1)} s.`);
    await host.clock.sleep(pause, host.canceled);
    host.canceled.throwIfAborted();
  }
}
