import type { ParameterValue } from "../compiler/compiled-config.ts";
import type { Pipeline } from "./state.ts";

const providers: Readonly<Record<string, { readonly type: string; readonly host: string }>> = {
  gh: { type: "github", host: "https://github.com" },
  github: { type: "github", host: "https://github.com" },
  bb: { type: "bitbucket", host: "https://bitbucket.org" },
  bitbucket: { type: "bitbucket", host: "https://bitbucket.org" },
  circleci: { type: "github_app", host: "https://github.com" },
};

const triggerTypes: Readonly<Record<Pipeline["trigger"]["type"], string>> = {
  api: "api",
  explicit: "api",
  webhook: "github_oauth",
  scheduled_pipeline: "schedule",
};

const eventNames: Readonly<Record<Pipeline["trigger"]["type"], string>> = {
  api: "api",
  explicit: "api",
  webhook: "push",
  scheduled_pipeline: "schedule",
};

/** What a configuration may use as `pipeline.…`, without that prefix. What has no value is absent. */
export function listPipelineValues(pipeline: Pipeline): Readonly<Record<string, ParameterValue>> {
  const { project, trigger } = pipeline;
  const [provider = "", owner = "", name = ""] = project.slug.split("/");
  const { type, host } = providers[provider] ?? { type: provider, host: `https://${provider}` };
  const url = `${host}/${owner}/${name}`;
  return {
    id: pipeline.id,
    number: pipeline.number,
    "project.slug": project.slug,
    "project.git_url": url,
    "project.type": type === "github_app" ? "github" : type,
    integration_source: type,
    "git.repo_url": url,
    "git.repo_owner": owner,
    "git.repo_name": name,
    ...(pipeline.branch === null ? {} : { "git.branch": pipeline.branch }),
    "git.branch.is_default": pipeline.branch !== null && pipeline.branch === project.branches[0],
    ...(pipeline.tag === null ? {} : { "git.tag": pipeline.tag }),
    "git.revision": pipeline.revision,
    "trigger.type": triggerTypes[trigger.type],
    "trigger.received_at": new Date(trigger.receivedAt).toISOString(),
    trigger_source: trigger.type,
    "event.name": eventNames[trigger.type],
    "event.action": eventNames[trigger.type],
  };
}
