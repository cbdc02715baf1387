import * as v from "valibot";
import type { Host } from "../host/host.ts";
import { NoAnswer } from "../host/request.ts";
import type { Secret } from "../secret.ts";
import { type Call, createCall, explainSilence } from "./call.ts";
import { download } from "./download.ts";
import { Artifact, Config, Job, JobDetail, Me, Pipeline, Rerun, User, Workflow } from "./schemas.ts";
import { type Trigger, type TriggerOptions, triggerPipeline } from "./trigger.ts";

/**
 * The calls to CircleCI's API that circleback needs. Each throws a `UserError` that names the call, with
 * `circleci.unauthorized`, `circleci.not-found` or `circleci.failed`.
 */
export interface CircleCi {
  trigger(options: TriggerOptions): Promise<Trigger>;
  pipeline(id: string): Promise<Pipeline>;
  /** The newest first. */
  pipelinesOf(project: string): AsyncGenerator<Pipeline, void, undefined>;
  /** What the service tells of a pipeline's values and configuration; throws where it tells of neither. */
  pipelineText(id: string): Promise<{ readonly text: string; readonly isWhole: boolean }>;
  /** A pipeline's compiled configuration, or its source where it could not be compiled. */
  configOf(pipelineId: string): Promise<string>;
  workflow(id: string): Promise<Workflow>;
  /** All workflows of a pipeline: its setup workflow and reruns, too. */
  workflowsOf(pipelineId: string): Promise<readonly Workflow[]>;
  jobsOf(workflowId: string): Promise<readonly Job[]>;
  artifactsOf(project: string, jobNumber: number): Promise<readonly Artifact[]>;
  download(url: string): Promise<string>;
  jobDetail(project: string, jobNumber: number): Promise<v.InferOutput<typeof JobDetail>>;
  /** The login of the token's own user. */
  ownLogin(): Promise<string>;
  /** A person's name, or the login, or the id where the service tells neither. */
  nameOfUser(id: string): Promise<string>;
  /** The answer's status, for the service does not document which ones mean "already done"; null: no answer. */
  approve(workflowId: string, jobId: string): Promise<number | null>;
  cancelJob(jobId: string): Promise<number | null>;
  cancelWorkflow(workflowId: string): Promise<number | null>;
  /** Runs these jobs again, by their ids. The id of the workflow in which they run. */
  rerun(workflowId: string, jobs: readonly string[]): Promise<string>;
}

export function createClient(host: Host, origin: string, token: Secret): CircleCi {
  const call = createCall(host, origin, token);
  let login: string | null = null;
  return {
    trigger: (options) => triggerPipeline(call, options),
    pipeline: (id) => call.get(Pipeline, `/pipeline/${id}`, `pipeline ${id}`),
    pipelinesOf: (project) => call.list(Pipeline, `/project/${project}/pipeline`, `project ${project}`),
    async pipelineText(id) {
      const parts = ["values", "config"].map((part) =>
        call.get(v.unknown(), `/pipeline/${id}/${part}`, `pipeline ${id}`),
      );
      const read = await Promise.allSettled(parts);
      const told = read.filter((part) => part.status === "fulfilled");
      if (told.length === 0) await Promise.all(parts);
      return { text: JSON.stringify(told), isWhole: told.length === read.length };
    },
    async configOf(id) {
      const { compiled, source } = await call.get(Config, `/pipeline/${id}/config`, `pipeline ${id}`);
      return compiled || source || "";
    },
    workflow: (id) => call.get(Workflow, `/workflow/${id}`, `workflow ${id}`),
    workflowsOf: (id) => call.getAll(Workflow, `/pipeline/${id}/workflow`, `pipeline ${id}`),
    jobsOf: (id) => call.getAll(Job, `/workflow/${id}/job`, `workflow ${id}`),
    artifactsOf: (project, number) =>
      call.getAll(Artifact, `/project/${project}/${number}/artifacts`, `job ${number} of ${project}`),
    download: (url) => download(host, origin, token, url),
    jobDetail: (project, number) =>
      call.get(JobDetail, `/api/v1.1/project/${project}/${number}`, `job ${number} of ${project}`),
    async ownLogin() {
      login ??= (await call.get(Me, "/me", "user of this token")).login;
      return login;
    },
    async nameOfUser(id) {
      const user = await call.get(User, `/user/${id}`, `user ${id}`).catch(() => null);
      return user?.name ?? user?.login ?? id;
    },
    approve: (workflowId, jobId) => act(call, `/workflow/${workflowId}/approve/${jobId}`, "approval job"),
    cancelJob: (id) => act(call, `/jobs/${id}/cancel`, "job"),
    cancelWorkflow: (id) => act(call, `/workflow/${id}/cancel`, "workflow"),
    async rerun(id, jobs) {
      const path = `/workflow/${id}/rerun`;
      const answer = await call.send("POST", path, { jobs }).catch((error: unknown) => {
        throw explainSilence(error, `POST ${path}`, origin);
      });
      if (answer.status === 202 && v.is(Rerun, answer.body)) return answer.body.workflow_id;
      throw await call.explain(answer, `POST ${path}`, `workflow ${id}`);
    },
  };
}

/** Something that is harmless to ask for twice: what came of it is for the caller to read back. */
async function act(call: Call, path: string, what: string): Promise<number | null> {
  const answer = await call.send("POST", path).catch((error: unknown) => {
    if (error instanceof NoAnswer) return null;
    throw error;
  });
  if (answer?.status === 401 || answer?.status === 403)
    throw await call.explain(answer, `POST ${path}`, what);
  return answer?.status ?? null;
}
