import { setMaxListeners } from "node:events";
import { join } from "node:path";
import type { Clock } from "../engine/clock.ts";
import type { JobOutcome, JobRunner } from "../engine/job-runner.ts";
import { ArtifactStore } from "./artifacts.ts";
import { CacheStore } from "./cache.ts";
import type { Stores } from "./node-context.ts";
import { runJob } from "./run-job.ts";
import { WorkspaceStore } from "./workspace.ts";

export interface ProcessRunnerOptions {
  /** A folder of this run alone, absolute. Whoever made it removes it: artifacts lie below it. */
  readonly root: string;
  readonly clock: Clock;
  /** Origin of the simulated service for this job, without a slash at the end. */
  readonly hostFor: (jobId: string) => Promise<string>;
  /** Folder of a project, absolute. */
  readonly sourceOf: (slug: string) => string;
  /** Files of a project's private keys, by fingerprint. */
  readonly sshKeys: (slug: string) => ReadonlyMap<string, string>;
}

export interface ProcessRunner extends JobRunner {
  /** Kills every process of every job; resolves when they are gone. Jobs that start later are canceled. */
  close(): Promise<void>;
}

/** Runs jobs as processes of this machine: images are not pulled, and there is no container around a job. */
export function createProcessRunner(options: ProcessRunnerOptions): ProcessRunner {
  const stores: Stores = {
    workspaces: new WorkspaceStore(join(options.root, "workspaces")),
    artifacts: new ArtifactStore(join(options.root, "artifacts")),
    caches: new CacheStore(join(options.root, "caches")),
  };
  const running = new Map<Promise<JobOutcome>, { cancel: AbortController; kill: AbortController }>();
  let closed = false;

  return {
    start(assignment, listener) {
      const cancel = new AbortController();
      const kill = new AbortController();
      setMaxListeners(0, cancel.signal, kill.signal);
      if (closed) cancel.abort();
      const done = runJob({
        options,
        stores,
        assignment,
        listener,
        canceled: cancel.signal,
        killed: kill.signal,
      });
      running.set(done, { cancel, kill });
      void done.then(() => running.delete(done));
      return { done, cancel: () => cancel.abort() };
    },
    async close() {
      closed = true;
      for (const { cancel, kill } of running.values()) {
        cancel.abort();
        kill.abort();
      }
      await Promise.all(running.keys());
    },
  };
}
