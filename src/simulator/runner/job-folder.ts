import { isAbsolute, join, normalize, relative, resolve } from "node:path";
import { StepFailure } from "./step-failure.ts";

/** Where one node of a job lives. All paths are absolute and below `root`. */
export interface JobFolder {
  readonly root: string;
  readonly home: string;
  readonly temporary: string;
  readonly workingDirectory: string;
  /** As the job sees it in CIRCLE_WORKING_DIRECTORY. */
  readonly shownWorkingDirectory: string;
  /** As the configuration has it. */
  readonly declaredWorkingDirectory: string;
  readonly bashEnv: string;
  /** Programs that CircleCI puts into every job. */
  readonly tools: string;
  /** Is there once the job has been told to end after the step. */
  readonly halt: string;
  /** Pipes between the runner and the steps. */
  readonly pipes: string;
}

const defaultWorkingDirectory = "~/project";
/** HOME of CircleCI's own images: configurations spell it out now and then. */
const imageHome = "/home/circleci";

/**
 * An absolute `working_directory` cannot be had on a machine that the job shares with its user,
 * so it lies at the same path below the job's own root.
 */
export function layOutJobFolder(root: string, declared: string | null, jobId: string): JobFolder {
  const home = join(root, "home");
  const temporary = join(root, "tmp");
  const wanted = declared ?? defaultWorkingDirectory;
  const workingDirectory = resolveHome(home, wanted) ?? resolveDeclared(root, home, wanted);
  return {
    root,
    home,
    temporary,
    workingDirectory,
    shownWorkingDirectory: wanted.startsWith("~") ? wanted : workingDirectory,
    declaredWorkingDirectory: wanted,
    bashEnv: join(temporary, `.bash_env-${jobId}-build`),
    tools: join(root, "bin"),
    halt: join(root, "halt"),
    pipes: join(root, "pipes"),
  };
}

/**
 * A path of a step: `~`, relative to the working directory, or absolute below a folder that the job owns.
 * Throws `StepFailure` for any other absolute path, as the job has no file system of its own.
 */
export function resolveInJob(folder: JobFolder, path: string): string {
  const below = resolveHome(folder.home, path);
  if (below !== null) return below;
  if (!isAbsolute(path)) return keepBelow(folder.root, resolve(folder.workingDirectory, path), path);
  if (isBelow(folder.root, path)) return normalize(path);
  const declared = folder.declaredWorkingDirectory;
  if (isAbsolute(declared) && isBelow(declared, path)) {
    return join(folder.workingDirectory, relative(declared, path));
  }
  throw new StepFailure(
    `${path} lies outside the job's own folder. Here a job runs as local processes and has no file system ` +
      "of its own: use a path relative to working_directory, or one below ~.",
  );
}

function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith("../") && !isAbsolute(way);
}

function resolveHome(home: string, path: string): string | null {
  const rest = ["~", imageHome].find((start) => path === start || path.startsWith(`${start}/`));
  return rest === undefined ? null : keepBelow(home, join(home, path.slice(rest.length)), path);
}

function resolveDeclared(root: string, home: string, wanted: string): string {
  return isAbsolute(wanted) ? join(root, "disk", wanted) : join(home, join("/", wanted));
}

function keepBelow(folder: string, resolved: string, path: string): string {
  if (isBelow(folder, resolved)) return resolved;
  throw new StepFailure(`${path} leads out of the job's own folder.`);
}
