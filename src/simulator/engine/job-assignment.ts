import type { CompiledJob } from "../compiler/compiled-config.ts";
import { mergeEnvironment } from "./job-rights.ts";
import type { JobAssignment } from "./job-runner.ts";
import { listUpstream } from "./requirements.ts";
import type { Context, Job } from "./state.ts";

/** What the runner is told about a job that is about to start. */
export function assignJob(
  job: Job,
  definition: CompiledJob,
  {
    number,
    contexts,
    continuationKey,
  }: {
    readonly number: number;
    readonly contexts: readonly Context[];
    readonly continuationKey: string | null;
  },
): JobAssignment {
  const { workflow } = job;
  const { pipeline } = workflow;
  const { project } = pipeline;
  return {
    id: job.id,
    number,
    name: job.name,
    definition,
    project: { slug: project.slug, id: project.id, organizationId: project.organizationId },
    pipeline: {
      id: pipeline.id,
      number: pipeline.number,
      branch: pipeline.branch,
      tag: pipeline.tag,
      revision: pipeline.revision,
      actor: pipeline.trigger.actor.login,
    },
    workflow: { id: workflow.id, name: workflow.name, workspaceId: workflow.workspaceId },
    environment: mergeEnvironment(project, job.definition.contexts, contexts),
    continuationKey: workflow.tag === "setup" ? continuationKey : null,
    upstreamJobIds: listLayers(job),
  };
}

/** The upstream jobs that have run, in the order in which they ended: a layer lies on those that its job could see. */
function listLayers(job: Job): readonly string[] {
  return listUpstream(job)
    .filter((upstream) => upstream.definition.type === "build" && upstream.startedAt !== null)
    .toSorted((a, b) => (a.stoppedAt ?? 0) - (b.stoppedAt ?? 0))
    .map((upstream) => upstream.id);
}

/** The job of the compiled configuration that a workflow job runs. */
export function findDefinition(job: Job): CompiledJob | undefined {
  const { workflow, definition } = job;
  const { compiled, compiledSetup } = workflow.pipeline;
  const config = workflow.tag === "setup" ? compiledSetup : compiled;
  return definition.job === null ? undefined : config?.jobs[definition.job];
}
