import { execFileSync } from "node:child_process";
import { existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import { type BundleResult, type RunningBundle, startBundle } from "./bundle.ts";
import type { DockerEngine } from "./docker-engine.ts";
import { type EcrModel, userCredentials } from "./ecr-model/ecr-model.ts";
import { type JobFolder, openJobFolder } from "./job-folder.ts";
import { parameterVariables } from "./service.ts";

type Texts = Readonly<Record<string, string>>;

/** A job of one step that delivers an image. */
export interface Job extends Pick<JobFolder, "directory" | "env" | "leftovers" | "read"> {
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
  const folder = openJobFolder(files ?? { Dockerfile: dockerfile("one") });
  const { directory, temporary, tools } = folder;
  if (existsSync(debianDocker)) symlinkSync(debianDocker, join(tools, "docker"));
  return {
    ...folder,
    env: {
      ...folder.env,
      AWS_REGION: model.region,
      AWS_ENDPOINT_URL: model.url,
      AWS_ACCESS_KEY_ID: userCredentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: userCredentials.secretAccessKey,
      DOCKER_BUILDKIT: "1", // several times as fast as the builder that Debian's client takes otherwise
      DOCKER_HOST: engine?.host ?? `unix://${join(temporary, "nobody.sock")}`,
      ...env,
    },
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
