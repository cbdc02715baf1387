import type { Clock } from "../engine/clock.ts";
import type { JobAssignment, JobListener } from "../engine/job-runner.ts";
import type { ArtifactStore } from "./artifacts.ts";
import type { CacheStore } from "./cache.ts";
import type { Environment } from "./environment.ts";
import type { JobFolder } from "./job-folder.ts";
import type { ProcessGroup } from "./process-group.ts";
import type { StepLog } from "./step-log.ts";
import type { WorkspaceStore } from "./workspace.ts";

/** What all jobs of a run share. */
export interface Stores {
  readonly workspaces: WorkspaceStore;
  readonly artifacts: ArtifactStore;
  readonly caches: CacheStore;
}

/** What the steps of one node of a job work with. */
export interface NodeContext {
  readonly assignment: JobAssignment;
  readonly node: number;
  readonly folder: JobFolder;
  readonly host: string;
  readonly environment: Environment;
  /** What cache keys may read: the service's variables, project environment and contexts. */
  readonly keyEnvironment: Environment;
  /** The project's folder on this machine. */
  readonly source: string;
  /** Folder of the whole run. */
  readonly runRoot: string;
  readonly sshKeys: ReadonlyMap<string, string>;
  readonly stores: Stores;
  readonly clock: Clock;
  readonly listener: JobListener;
  /** The job has been canceled: steps get time to end. */
  readonly canceled: AbortSignal;
  /** The runner is closing: nothing gets time. */
  readonly killed: AbortSignal;
  /** All groups that the node has started, to be ended with it. */
  readonly groups: Set<ProcessGroup>;
  /** Records of the steps that run in the background. */
  readonly background: Set<StepLog>;
  /** Opens the record of a step that begins now. */
  readonly openLog: (name: string) => StepLog;
}
