import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type BundleResult, type RunningBundle, startBundle } from "../bundle.ts";
import { makeFolder } from "../folders.ts";
import { parameterVariables } from "../service.ts";
import type { SshHost } from "./ssh-host.ts";

type Texts = Readonly<Record<string, string>>;

/** A job that deploys: a checkout, a home and a folder for temporary files, all its own. */
export interface DeployJob {
  readonly directory: string;
  readonly env: Texts;
  /** What a step leaves behind that nobody asked for: files in its home, and temporary ones. */
  leftovers(): readonly string[];
  /** A file of the checkout, or null. */
  read(path: string): string | null;
}

/** With the host's key, and with its host keys as the variable KNOWN_HOSTS. */
export function openDeployJob(
  hosts: readonly SshHost[],
  { files = {}, env = {} }: { readonly files?: Texts; readonly env?: Texts } = {},
): DeployJob {
  const inFolder = (name: string, content: string) => [`project/${name}`, content] as const;
  const folder = makeFolder({
    ...Object.fromEntries(Object.entries(files).map(([name, content]) => inFolder(name, content))),
    "project/.keep": "",
    "home/.keep": "",
    "tmp/.keep": "",
  });
  const [directory, home, temporary] = ["project", "home", "tmp"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  return {
    directory,
    env: {
      PATH: process.env.PATH ?? "",
      HOME: home,
      TMPDIR: temporary,
      CIRCLE_BRANCH: "develop",
      CIRCLE_BUILD_URL: "https://circleci.com/gh/acme/shop/7",
      CIRCLE_PIPELINE_ID: "pipeline-1",
      CIRCLE_PROJECT_REPONAME: "shop",
      CIRCLE_SHA1: "5f3d1c0a9b8e7d6c5b4a39281706f5e4d3c2b1a0",
      CIRCLE_USERNAME: "release-bot",
      CIRCLE_WORKFLOW_ID: "workflow-1",
      DEPLOY_SSH_KEY: hosts[0] === undefined ? "" : readFileSync(hosts[0].key.file, "utf8"),
      KNOWN_HOSTS: hosts.map(({ knownHosts }) => knownHosts).join(""),
      ...env,
    },
    leftovers: () => [...readdirSync(home), ...readdirSync(temporary)].filter((name) => name !== ".keep"),
    read: (path) => (existsSync(join(directory, path)) ? readFileSync(join(directory, path), "utf8") : null),
  };
}

async function startDeploy(
  command: "ssh-deploy" | "ssh-rollback",
  job: DeployJob,
  parameters: Texts,
): Promise<RunningBundle> {
  const variables = await parameterVariables(command, { "known-hosts": "${KNOWN_HOSTS}", ...parameters });
  return startBundle(command, { ...job.env, ...variables }, job.directory);
}

export async function deploy(job: DeployJob, parameters: Texts): Promise<BundleResult> {
  return (await startDeploy("ssh-deploy", job, parameters)).result;
}

export async function rollBack(job: DeployJob, parameters: Texts): Promise<BundleResult> {
  return (await startDeploy("ssh-rollback", job, parameters)).result;
}
