import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type BundleResult, type RunningBundle, startBundle } from "./bundle.ts";
import type { DockerEngine } from "./docker-engine.ts";
import { type EcrModel, userCredentials } from "./ecr-model/ecr-model.ts";
import { parameterVariables } from "./service.ts";
import { makeFolder } from "./simulator.ts";

type Texts = Readonly<Record<string, string>>;

/** A job of one step: a checkout, a home and a folder for temporary files, all its own. */
export interface Job {
  readonly directory: string;
  readonly env: Texts;
  /** What a step leaves behind that nobody asked for: files in its home, and temporary ones. */
  leftovers(): readonly string[];
  /** A file of the checkout, or null. */
  read(path: string): string | null;
  /** The text with names for what is a matter of chance. */
  withNames(text: string): string;
}

export interface JobOptions {
  readonly model: EcrModel;
  /** Without one, no engine answers. */
  readonly engine?: DockerEngine;
  readonly files?: Texts;
  readonly env?: Texts;
}

/** Of the machine's clients the one that belongs to the engine. */
const debianDocker = "/usr/bin/docker";

/** A version of a small image: other words, another image. */
export function dockerfile(words: string): string {
  return `FROM busybox:stable\nARG API_VERSION\nLABEL words="${words}"\n`;
}

export function openJob({ model, engine, files, env }: JobOptions): Job {
  const folder = makeFolder();
  const place = (name: string) => {
    mkdirSync(join(folder, name));
    return join(folder, name);
  };
  const [directory, home, temporary, tools] = ["project", "home", "tmp", "tools"].map(place) as [
    string,
    string,
    string,
    string,
  ];
  if (existsSync(debianDocker)) symlinkSync(debianDocker, join(tools, "docker"));
  for (const [name, content] of Object.entries(files ?? { Dockerfile: dockerfile("one") })) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), content);
  }
  return {
    directory,
    env: {
      PATH: `${tools}:${process.env.PATH}`,
      HOME: home,
      TMPDIR: temporary,
      BASH_ENV: join(folder, "bash-env"),
      CIRCLE_BUILD_NUM: "7",
      CIRCLE_BRANCH: "main",
      CIRCLE_SHA1: "5f3d1c0a9b8e7d6c5b4a39281706f5e4d3c2b1a0",
      CIRCLE_PIPELINE_ID: "pipeline-1",
      CIRCLE_BUILD_URL: "https://circleci.com/gh/acme/shop/7",
      CIRCLE_PROJECT_REPONAME: "shop",
      CIRCLE_REPOSITORY_URL: "git@github.com:acme/shop.git",
      AWS_REGION: model.region,
      AWS_ENDPOINT_URL: model.url,
      AWS_ACCESS_KEY_ID: userCredentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: userCredentials.secretAccessKey,
      DOCKER_BUILDKIT: "1", // several times as fast as the builder that Debian's client takes otherwise
      DOCKER_HOST: engine?.host ?? `unix://${join(folder, "nobody.sock")}`,
      ...env,
    },
    leftovers: () => [...readdirSync(home), ...readdirSync(temporary)],
    read: (path) => readIfThere(join(directory, path)) ?? readIfThere(join(folder, path)),
    withNames: (text) =>
      text
        .replaceAll(model.registryAddress, "registry")
        .replaceAll(model.url, "http://aws")
        .replaceAll(directory, "/project")
        .replaceAll(new RegExp(`${temporary}/[\\w-]+`, "g"), "/private"),
  };
}

/** The same job with its files as a commit of that time, in seconds since 1970. */
export function commitFiles(job: Job, time: number): Job {
  const git = (...args: readonly string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.org", ...args], {
      cwd: job.directory,
      env: { PATH: job.env.PATH, HOME: job.env.HOME, GIT_COMMITTER_DATE: `${time} +0000` },
      encoding: "utf8",
    });
  git("init", "--quiet");
  git("add", "--all");
  git("commit", "--quiet", "--message=one");
  return { ...job, env: { ...job.env, CIRCLE_SHA1: git("rev-parse", "HEAD").trim() } };
}

export async function startCommand(
  command: "ecr-push" | "ecr-promote",
  job: Job,
  parameters: Texts,
): Promise<RunningBundle> {
  const variables = await parameterVariables(command, { repository: "acme/shop", ...parameters });
  return startBundle(command, { ...job.env, ...variables }, job.directory);
}

export async function push(job: Job, parameters: Texts = {}): Promise<BundleResult> {
  return (await startCommand("ecr-push", job, parameters)).result;
}

export async function promote(job: Job, parameters: Texts): Promise<BundleResult> {
  return (await startCommand("ecr-promote", job, parameters)).result;
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
