import { normalizeSlug } from "./slug.ts";

/** Pages of CircleCI's web application. Its cloud lives on a host of its own beside the API's; a server has one for both. */

export function pipelineUrl(origin: string, project: string, number: number): string {
  const host = origin === "https://circleci.com" ? "https://app.circleci.com" : origin;
  return `${host}/pipelines/${normalizeSlug(project)}/${number}`;
}

export function workflowUrl(origin: string, project: string, number: number, workflowId: string): string {
  return `${pipelineUrl(origin, project, number)}/workflows/${workflowId}`;
}

/** The short form, which CircleCI redirects: for whoever knows only the workflow's id. */
export function workflowRunUrl(origin: string, workflowId: string): string {
  return `${origin}/workflow-run/${workflowId}`;
}

export function jobUrl(
  origin: string,
  project: string,
  number: number,
  workflowId: string,
  jobNumber: number | null,
): string {
  const workflow = workflowUrl(origin, project, number, workflowId);
  return jobNumber === null ? workflow : `${workflow}/jobs/${jobNumber}`;
}
