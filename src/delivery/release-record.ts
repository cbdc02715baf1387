import { UserError } from "../errors.ts";
import type { Environment, Files, Host } from "../host/host.ts";
import type { NativeStep } from "../orb/define-command.ts";
import { fitName } from "../orb/fit-name.ts";
import { type Parameter, string, Unfit } from "../orb/parameter.ts";
import { persistedRoot } from "../orb/persisted.ts";

/** What a job keeps of an image that it has pushed or promoted, for the jobs after it and for whoever asks later. */
export interface ReleaseRecord {
  readonly schema: 1;
  readonly action: "push" | "promote";
  /** True: nothing was done, and what only the doing would tell is null. */
  readonly dryRun: boolean;
  readonly version: string;
  /** `registry/repository@digest`. */
  readonly image: string | null;
  readonly digest: string | null;
  readonly registry: string | null;
  readonly repository: string;
  readonly region: string;
  readonly tags: readonly string[];
  /** The digests that those of the tags had before which were somewhere else: what a rollback goes back to. */
  readonly previous: Readonly<Record<string, string>>;
  readonly commit: string | null;
  readonly branch: string | null;
  readonly pipeline: string | null;
  readonly buildUrl: string | null;
  readonly startedAt: string;
  /** Null while tags are being moved: what they were is kept before, since it can be read no more after. */
  readonly finishedAt: string | null;
}

/** What a job keeps of a deploy or a rollback. */
export interface DeployRecord
  extends Pick<
    ReleaseRecord,
    | "schema"
    | "dryRun"
    | "version"
    | "image"
    | "digest"
    | "commit"
    | "branch"
    | "pipeline"
    | "buildUrl"
    | "startedAt"
    | "finishedAt"
  > {
  readonly action: "deploy" | "rollback";
  readonly project: string;
  readonly environment: string;
  readonly hosts: readonly DeployedHost[];
}

interface DeployedHost {
  readonly host: string;
  readonly result: string;
  /** The step at which it went wrong, or the last. */
  readonly phase: string;
  /** Names the release on the host. */
  readonly release: string;
  /** The version that ran before. */
  readonly before: string | null;
}

/** The part of a record that any job can tell of itself. */
export function describeJob(
  env: Environment,
): Pick<ReleaseRecord, "commit" | "branch" | "pipeline" | "buildUrl"> {
  return {
    commit: env.CIRCLE_SHA1 || null,
    branch: env.CIRCLE_BRANCH || null,
    pipeline: env.CIRCLE_PIPELINE_ID || null,
    buildUrl: env.CIRCLE_BUILD_URL || null,
  };
}

/** Relative to the job's working directory. */
export const releaseFolder = ".circleback/releases";

export async function writeRelease(
  files: Files,
  name: string,
  record: ReleaseRecord | DeployRecord,
): Promise<void> {
  const document = `${JSON.stringify(record, null, 2)}\n`;
  await files.write(`${releaseFolder}/${name}.json`, document);
  await files.write(`${persistedRoot}/${releaseFolder}/${name}.json`, document);
}

/**
 * Writes the record of a deploy that has ended, and answers what is to be thrown then: its failure, which a record that
 * cannot be written does not hide, or else that one. Null: neither.
 */
export async function writeLastRelease<E>(
  { files, log }: Host,
  name: string,
  record: DeployRecord,
  failure: E | null,
): Promise<E | UserError | null> {
  try {
    await writeRelease(files, name, record);
    return failure;
  } catch (error) {
    const what = `the release record ${name} cannot be written (${error instanceof Error ? error.message : error})`;
    if (failure === null) return new UserError("file.failed", `It is through, but ${what}.`);
    log.warn(`What follows is kept nowhere: ${what}.`);
    return failure;
  }
}

/** The steps that keep what a command has written, for the jobs after it and for people. */
export const keepRelease: readonly NativeStep[] = [
  { store_artifacts: { path: `${persistedRoot}/${releaseFolder}`, destination: "circleback/releases" } },
  { persist_to_workspace: { root: persistedRoot, paths: [releaseFolder] } },
];

/** The parameter for the name of the record: jobs that run side by side need one each, as their names make, see `fitName`. */
export function releaseName(otherwise: string): Parameter<string> {
  return string(
    {
      description: `Name of the release record, ${releaseFolder}/<name>.json in workspace and artifacts; unique in the workflow. Empty: the name of the job, with a dash for what a file name cannot have.`,
      default: "",
    },
    (text, env) => {
      const name = text || env.CIRCLE_JOB || otherwise;
      const fit = fitName(name, 64);
      if (text === "" || fit === text) return fit;
      throw new Unfit(`is no name for a release record: "${text}"`, {
        hints: ["Use up to 64 letters, digits, dots, dashes and underscores, neither dot nor dash first."],
      });
    },
  );
}
