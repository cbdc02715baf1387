import type { Job, Pipeline, Project, User, Workflow } from "../engine/state.ts";
import { isStandalone, locateRepository, splitSlug, webSlug } from "./slug.ts";

/** The state as API v2 shows it. What has no value yet is left out, or null where published answers say null. */

export function viewUser(user: User) {
  return { id: user.id, login: user.login, name: user.login };
}

export function viewProject(project: Project) {
  const { provider, organization, name } = splitSlug(project.slug);
  const repository = locateRepository(project.slug);
  return {
    slug: project.slug,
    id: project.id,
    name,
    organization_name: organization,
    organization_slug: `${provider}/${organization}`,
    organization_id: project.organizationId,
    vcs_info: {
      vcs_url: repository?.url ?? `//circleci.com/${project.organizationId}/${project.id}`,
      provider: repository?.provider ?? "CircleCI",
      default_branch: project.branches[0] ?? "main",
    },
  };
}

/** The organizations of the projects, each once. */
export function viewOrganizations(projects: readonly Project[]) {
  const organizations = new Map(
    projects.map((project) => {
      const { provider, organization } = splitSlug(project.slug);
      const slug = `${provider}/${organization}`;
      const view = {
        id: project.organizationId,
        vcs_type: webSlug(project.slug).split("/")[0],
        name: organization,
        avatar_url: "",
        slug,
      };
      return [slug, view] as const;
    }),
  );
  return [...organizations.values()];
}

export function viewTriggered(pipeline: Pipeline) {
  return {
    id: pipeline.id,
    state: pipeline.state,
    number: pipeline.number,
    created_at: isoTime(pipeline.createdAt),
  };
}

export function viewPipeline(pipeline: Pipeline) {
  return {
    id: pipeline.id,
    errors: pipeline.errors.map(({ type, message }) => ({ type, message })),
    project_slug: pipeline.project.slug,
    updated_at: isoTime(pipeline.updatedAt),
    number: pipeline.number,
    trigger_parameters: isStandalone(pipeline.project.slug) ? { git: viewRevision(pipeline) } : {},
    state: pipeline.state,
    created_at: isoTime(pipeline.createdAt),
    trigger: {
      type: pipeline.trigger.type,
      received_at: isoTime(pipeline.trigger.receivedAt),
      actor: { login: pipeline.trigger.actor.login, avatar_url: null },
    },
    ...viewVcs(pipeline),
  };
}

function viewVcs(pipeline: Pipeline) {
  const repository = locateRepository(pipeline.project.slug);
  if (!repository) return {};
  return {
    vcs: {
      provider_name: repository.provider,
      origin_repository_url: repository.url,
      target_repository_url: repository.url,
      revision: pipeline.revision,
      ...viewBranchOrTag(pipeline),
    },
  };
}

function viewRevision(pipeline: Pipeline) {
  return { checkout_sha: pipeline.revision, ...viewBranchOrTag(pipeline) };
}

function viewBranchOrTag({ branch, tag }: Pipeline) {
  return { ...(branch !== null && { branch }), ...(tag !== null && { tag }) };
}

/** A flat map of texts, whatever the type of a value was. */
export function viewValues(pipeline: Pipeline) {
  return Object.fromEntries(Object.entries(pipeline.values).map(([name, value]) => [name, String(value)]));
}

export function viewConfig(pipeline: Pipeline) {
  return {
    source: pipeline.source,
    compiled: pipeline.compiled?.yaml ?? "",
    ...(pipeline.setupSource !== null && {
      "setup-config": pipeline.setupSource,
      "compiled-setup-config": pipeline.compiledSetup?.yaml ?? "",
    }),
  };
}

export function viewWorkflow(workflow: Workflow) {
  return {
    pipeline_id: workflow.pipeline.id,
    id: workflow.id,
    name: workflow.name,
    project_slug: workflow.pipeline.project.slug,
    status: workflow.status,
    started_by: workflow.startedBy.id,
    pipeline_number: workflow.pipeline.number,
    created_at: isoTime(workflow.createdAt),
    stopped_at: isoTimeOrNull(workflow.stoppedAt),
    tag: workflow.tag,
    ...(workflow.canceledBy && { canceled_by: workflow.canceledBy.id }),
    ...(workflow.maxAutoReruns > 0 && {
      auto_rerun_number: workflow.autoRerunNumber,
      max_auto_reruns: workflow.maxAutoReruns,
    }),
  };
}

export function viewWorkflowJob(job: Job) {
  const upstream = job.definition.requires.flatMap(({ job: name, statuses }) => {
    const required = job.workflow.jobs.find((other) => other.name === name);
    return required ? [{ id: required.id, statuses }] : [];
  });
  return {
    dependencies: upstream.map(({ id }) => id),
    requires: Object.fromEntries(upstream.map(({ id, statuses }) => [id, statuses])),
    id: job.id,
    name: job.name,
    project_slug: job.workflow.pipeline.project.slug,
    status: job.status,
    type: job.definition.type,
    started_at: isoTimeOrNull(job.startedAt),
    ...(job.number !== null && { job_number: job.number }),
    ...(job.stoppedAt !== null && { stopped_at: isoTime(job.stoppedAt) }),
    ...(job.definition.type === "approval" && { approval_request_id: job.id }),
    ...(job.approvedBy && { approved_by: job.approvedBy.id }),
  };
}

/** A job as it answers to its number. `now` is for the duration of one that still runs. */
export function viewJobDetails(job: Job, number: number, now: number) {
  const { workflow } = job;
  const { pipeline } = workflow;
  const { project } = pipeline;
  const { organization, name } = splitSlug(project.slug);
  const configuration = workflow.tag === "setup" ? pipeline.compiledSetup : pipeline.compiled;
  const definition = job.definition.job === null ? undefined : configuration?.jobs[job.definition.job];
  const parallelism = definition?.parallelism ?? 1;
  return {
    web_url: `https://app.circleci.com/pipelines/${webSlug(project.slug)}/${pipeline.number}/workflows/${workflow.id}/jobs/${number}`,
    project: {
      id: project.id,
      slug: project.slug,
      name,
      external_url: locateRepository(project.slug)?.url ?? "",
    },
    parallel_runs: Array.from({ length: parallelism }, (_, index) => ({ index, status: job.status })),
    started_at: isoTimeOrNull(job.startedAt),
    latest_workflow: { id: workflow.id, name: workflow.name },
    name: job.name,
    executor: {
      resource_class: definition?.resourceClass ?? "large",
      ...(definition && { type: definition.executor }),
    },
    parallelism,
    status: job.status,
    number,
    pipeline: { id: pipeline.id },
    duration: job.startedAt === null ? 0 : (job.stoppedAt ?? now) - job.startedAt,
    created_at: isoTime(workflow.createdAt),
    messages: [],
    contexts: job.definition.contexts.map((context) => ({ name: context })),
    organization: { name: organization },
    queued_at: isoTime(job.startedAt ?? workflow.createdAt),
    stopped_at: isoTimeOrNull(job.stoppedAt),
  };
}

export function isoTime(time: number): string {
  return new Date(time).toISOString();
}

export function isoTimeOrNull(time: number | null): string | null {
  return time === null ? null : isoTime(time);
}
