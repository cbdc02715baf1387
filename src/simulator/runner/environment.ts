import type { JobAssignment } from "../engine/job-runner.ts";
import type { JobFolder } from "./job-folder.ts";
import { writeOidcToken } from "./oidc-token.ts";

export type Environment = Readonly<Record<string, string>>;

export interface EnvironmentInput {
  readonly assignment: JobAssignment;
  readonly folder: JobFolder;
  readonly node: number;
  /** Origin of the simulated service, as this job reaches it. */
  readonly host: string;
  /** All that a job gets from the machine it runs on. */
  readonly machine: { readonly PATH: string; readonly LANG: string };
  readonly now: number;
}

/** What every step of a node starts with; a step's own `environment` goes on top (env-vars.adoc, order of precedence). */
export function buildEnvironment(input: EnvironmentInput): Environment {
  return {
    LANG: input.machine.LANG,
    PATH: `${input.folder.tools}:${input.machine.PATH}`,
    HOME: input.folder.home,
    TMPDIR: input.folder.temporary,
    ...input.assignment.environment,
    ...buildBuiltInVariables(input),
    ...input.assignment.definition.environment,
  };
}

/** The service's own variables (variables.adoc), and where to find the simulated service. */
export function buildBuiltInVariables(input: EnvironmentInput): Environment {
  const { assignment, folder, node, host, now } = input;
  const { project, pipeline, workflow, definition } = assignment;
  const [, organization = "", repository = ""] = project.slug.split("/");
  return {
    CI: "true",
    CIRCLECI: "true",
    CIRCLE_BUILD_NUM: String(assignment.number),
    CIRCLE_BUILD_URL: `https://circleci.com/${project.slug}/${assignment.number}`,
    CIRCLE_JOB: assignment.name,
    CIRCLE_NODE_INDEX: String(node),
    CIRCLE_NODE_TOTAL: String(definition.parallelism),
    CIRCLE_OIDC_TOKEN: writeOidcToken(assignment, 1, now),
    CIRCLE_OIDC_TOKEN_V2: writeOidcToken(assignment, 2, now),
    CIRCLE_ORGANIZATION_ID: project.organizationId,
    CIRCLE_PIPELINE_ID: pipeline.id,
    CIRCLE_PROJECT_ID: project.id,
    CIRCLE_PROJECT_REPONAME: repository,
    CIRCLE_PROJECT_USERNAME: organization,
    CIRCLE_SHA1: pipeline.revision,
    CIRCLE_SHELL_ENV: folder.bashEnv,
    CIRCLE_USERNAME: pipeline.actor,
    CIRCLE_WORKFLOW_ID: workflow.id,
    CIRCLE_WORKFLOW_JOB_ID: assignment.id,
    CIRCLE_WORKFLOW_WORKSPACE_ID: workflow.workspaceId,
    CIRCLE_WORKING_DIRECTORY: folder.shownWorkingDirectory,
    ...present("CIRCLE_BRANCH", pipeline.branch),
    ...present("CIRCLE_TAG", pipeline.tag),
    ...present("CIRCLE_REPOSITORY_URL", repositoryUrl(project.slug)),
    ...present("CIRCLE_CONTINUATION_KEY", assignment.continuationKey),
    BASH_ENV: folder.bashEnv,
    CIRCLE_HOST: host,
    CIRCLECI_CLI_HOST: host,
  };
}

function present(name: string, value: string | null): Environment {
  return value === null ? {} : { [name]: value };
}

/** Only GitHub OAuth and Bitbucket Cloud projects have one. */
function repositoryUrl(slug: string): string | null {
  const [provider = "", organization, repository] = slug.split("/");
  const server = { gh: "github.com", github: "github.com", bb: "bitbucket.org", bitbucket: "bitbucket.org" }[
    provider
  ];
  return server === undefined ? null : `git@${server}:${organization}/${repository}.git`;
}
