import { type ErrorCode, UserError } from "../errors.ts";
import type { ExecResult, Host } from "../host/host.ts";
import { either, within } from "../host/within.ts";
import { explainProblem, type Problem } from "./diagnose.ts";
import { fillPrivateConfig } from "./private-config.ts";
import { showArgv } from "./show-argv.ts";

/** One call of the docker program. */
export interface DockerCall {
  readonly args: readonly string[];
  /** In addition to the step's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

export interface Docker {
  /** DOCKER_CONFIG, which is gone when the work with this object has ended; files may be put there. */
  readonly folder: string;
  /** Runs it in sight: the command and all that it prints are in the log. Its failure is an answer. */
  run(call: DockerCall): Promise<ExecResult>;
  /** Runs it out of sight, for a minute at most: an engine or a registry that says nothing would keep the job. */
  ask(call: DockerCall): Promise<ExecResult>;
}

/** CircleCI ends a step that has printed nothing for ten minutes. */
const signOfLife = 60_000;

/** How long Docker may take over what it is asked out of sight, and over logging out, in milliseconds. */
const patience = 60_000;
const farewell = 10_000;

/**
 * Does some work with Docker under a configuration of its own. However the work ends, the registry is logged out
 * of and the configuration removed. Throws `docker.missing`.
 */
export async function withDocker<T>(
  host: Host,
  registry: string,
  work: (docker: Docker) => Promise<T>,
): Promise<T> {
  const folder = await host.files.makePrivateFolder();
  try {
    await fillPrivateConfig(folder, registry, host);
    return await work({
      folder,
      run: (call) => runInSight(host, folder, call),
      ask: (call) => within(host, patience, (over) => exec(host, folder, call, () => {}, over)),
    });
  } finally {
    await leave(host, folder, registry);
  }
}

async function runInSight(host: Host, folder: string, call: DockerCall): Promise<ExecResult> {
  const command = showArgv(["docker", ...call.args]);
  host.log.info(`$ ${command}`);
  const start = host.clock.now();
  let last = start;
  const ended = new AbortController();
  const watch = async () => {
    while (!ended.signal.aborted) {
      await host.clock.sleep(signOfLife, ended.signal);
      const now = host.clock.now();
      if (ended.signal.aborted || now - last < signOfLife) continue;
      host.log.info(`docker ${call.args[0]} has been running for ${Math.round((now - start) / 60_000)} min.`);
    }
  };
  const watching = watch();
  try {
    return await exec(host, folder, call, (line) => {
      last = host.clock.now();
      host.log.info(line);
    });
  } finally {
    ended.abort();
    await watching;
  }
}

async function exec(
  host: Host,
  folder: string,
  { args, env, input }: DockerCall,
  onLine: (line: string) => void,
  over?: AbortSignal,
): Promise<ExecResult> {
  host.canceled.throwIfAborted();
  const result = await host.exec(["docker", ...args], {
    env: { ...host.env, ...env, DOCKER_CONFIG: folder },
    ...(input !== undefined && { input }),
    signal: over === undefined ? host.canceled : either(host.canceled, over),
    onLine,
  });
  host.canceled.throwIfAborted();
  if (result !== null && result.exitCode !== 0 && over?.aborted) {
    return {
      ...result,
      exitCode: null,
      output: `${result.output}\nno answer within ${patience / 1000} s`.trim(),
    };
  }
  if (result !== null) return result;
  throw new UserError("docker.missing", "There is no program `docker` in this job.", {
    hints: ["Use an image that has it, such as cimg/base or cimg/node, or a machine executor."],
  });
}

/** What goes wrong here must not hide what went wrong before. A cancelled job has the time for it: nothing is sent. */
async function leave(host: Host, folder: string, registry: string): Promise<void> {
  try {
    await within(host, farewell, (signal) =>
      host.exec(["docker", "logout", registry], { env: { ...host.env, DOCKER_CONFIG: folder }, signal }),
    );
  } catch (error) {
    host.log.warn(`docker logout ${registry} failed: ${String(error)}`);
  }
  try {
    await host.files.removeFolder(folder);
  } catch (error) {
    host.log.warn(`${folder}, which holds a login of ${registry}, cannot be removed: ${String(error)}`);
  }
}

/** An error for a call that has failed: the whole of what it printed is in the log. */
export function explainFailure(
  doing: string,
  { exitCode, output }: ExecResult,
  problem: Problem,
  code: ErrorCode,
): UserError {
  const explanation = explainProblem(problem);
  const last = output.trimEnd().split("\n").at(-1)?.trim() ?? "";
  const how = exitCode === null ? "was killed" : `ended with exit code ${exitCode}`;
  return new UserError(explanation.code ?? code, `${doing} ${how}${last && `: ${last}`}`, explanation);
}
