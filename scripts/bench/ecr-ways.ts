import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheFolder } from "../../test/support/cache.ts";
import { startDockerEngine } from "../../test/support/docker-engine.ts";
import { type EcrModel, startEcrModel, userCredentials } from "../../test/support/ecr-model/ecr-model.ts";
import { startRegistry } from "../../test/support/registry.ts";
import { run } from "../../test/support/run.ts";
import { bundleCommand } from "../bundle.ts";
import { atEnd } from "./row.ts";
import { stepEnvironment } from "./step-environment.ts";

/** Two ways to ECR: the orb's program, and the shell lines with the AWS CLI that one finds in books. */

export interface Took {
  /** Until it was over, in milliseconds. */
  readonly wall: number;
  /** Until it first said these words; throws where it never did. */
  until(words: string): number;
  /** Programs that were started, by their path; only of a traced run. */
  readonly started: readonly string[];
  /** Of AWS's API. */
  readonly calls: readonly string[];
  /** How many came to the registry. */
  readonly requests: number;
}

export interface EcrWays {
  readonly model: EcrModel;
  /** Another one each time, so that nothing is there already. */
  newVersion(): string;
  ours(parameters: Readonly<Record<string, string>>, options?: { readonly trace: boolean }): Promise<Took>;
  /** A script for bash, with `$registry` set. */
  theirs(script: string, options?: { readonly trace: boolean }): Promise<Took>;
}

let opened: Promise<EcrWays> | null = null;

export function openEcrWays(): Promise<EcrWays> {
  opened ??= open();
  return opened;
}

export const awsLogin = "aws ecr get-login-password | docker login --username AWS --password-stdin $registry";

async function open(): Promise<EcrWays> {
  const folder = mkdtempSync(join(tmpdir(), "circleback-bench-"));
  atEnd(async () => rmSync(folder, { recursive: true, force: true }));
  const engine = await startDockerEngine();
  atEnd(engine.stop);
  const registry = await startRegistry();
  atEnd(registry.stop);
  const model = await startEcrModel({ registry, repositories: { "acme/shop": {} } });
  atEnd(model.stop);

  for (const name of ["project", "home", "tools", "tmp"]) mkdirSync(join(folder, name));
  writeFileSync(
    join(folder, "project/Dockerfile"),
    "FROM busybox:stable\nARG API_VERSION\nLABEL version=$API_VERSION\n",
  );
  const program = join(folder, "ecr-push.cjs");
  writeFileSync(program, await bundleCommand("ecr-push"));
  symlinkSync(join(findAwsCli(), "bin/aws"), join(folder, "tools/aws"));
  if (existsSync("/usr/bin/docker")) symlinkSync("/usr/bin/docker", join(folder, "tools/docker"));
  const env = {
    PATH: `${join(folder, "tools")}:${process.env.PATH}`,
    HOME: join(folder, "home"),
    TMPDIR: join(folder, "tmp"),
    AWS_REGION: model.region,
    AWS_DEFAULT_REGION: model.region,
    AWS_ENDPOINT_URL: model.url,
    AWS_ACCESS_KEY_ID: userCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: userCredentials.secretAccessKey,
    DOCKER_HOST: engine.host,
    DOCKER_BUILDKIT: "1",
    CIRCLE_BUILD_NUM: "1",
    registry: model.registryAddress,
  };
  async function take(argv: readonly [string, ...string[]], more: object, trace: boolean): Promise<Took> {
    const log = mkdtempSync(join(folder, "trace-"));
    const [command, ...args] = trace
      ? (["strace", ...traceEveryProcess, `--output=${log}/of`, ...argv] as const)
      : argv;
    const before = [model.calls.length, model.registryCalls.length] as const;
    const start = performance.now();
    const said: { readonly at: number; readonly text: string }[] = [];
    const { exitCode, output } = await run(command, args, {
      cwd: join(folder, "project"),
      env: { ...env, ...more },
      onOutput: (text) => said.push({ at: performance.now() - start, text }),
    });
    const wall = performance.now() - start;
    if (exitCode !== 0) throw new Error(`${argv.join(" ")} ended with ${exitCode}:\n${output}`);
    return {
      wall,
      until(words) {
        const found = said.find(({ text }) => text.includes(words));
        if (found === undefined) throw new Error(`It never said "${words}":\n${output}`);
        return found.at;
      },
      calls: model.calls.slice(before[0]),
      requests: model.registryCalls.length - before[1],
      started: trace ? readStarted(log) : [],
    };
  }

  let version = 0;
  return {
    model,
    newVersion: () => `1.0.${++version}`,
    ours: async (parameters, { trace } = { trace: false }) =>
      take([process.execPath, program], await stepEnvironment("ecr-push", parameters), trace),
    theirs: (script, { trace } = { trace: false }) =>
      take(["bash", "-euo", "pipefail", "-c", script], {}, trace),
  };
}

function findAwsCli(): string {
  const name = readdirSync(cacheFolder).findLast((each) => each.startsWith("awscli-"));
  if (name === undefined) throw new Error("The AWS CLI is missing: scripts/services bench installs it.");
  return join(cacheFolder, name);
}

/** Into a file each, so that no line is torn. */
const traceEveryProcess = ["--follow-forks", "--output-separately", "--trace=execve"];

/** The paths of the programs whose start has succeeded. */
function readStarted(folder: string): readonly string[] {
  const lines = readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n"));
  return lines.flatMap((line) => {
    const path = /execve\("([^"]+)".* = 0$/.exec(line)?.[1];
    return path === undefined ? [] : [path];
  });
}
