import * as v from "valibot";
import { UserError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { Secret } from "../secret.ts";
import { type Answer, createSend, NoAnswer } from "./http.ts";
import { Job, Me, Message, Pipeline, page, TriggeredPipeline, Workflow } from "./schemas.ts";

interface TriggerOptions {
  readonly project: string;
  /** Set: the newer endpoint, which GitHub App projects need. */
  readonly definitionId: string;
  readonly branch: string;
  readonly tag: string;
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
}

type Trigger =
  | { readonly triggered: true; readonly pipeline: TriggeredPipeline }
  /** Accepted and ignored, for instance because of `[skip ci]` in the commit. */
  | { readonly triggered: false; readonly message: string };

/**
 * The calls to CircleCI's API v2 that circleback needs. Each throws a `UserError` that names the call,
 * with `circleci.unauthorized`, `circleci.not-found` or `circleci.failed`.
 */
export interface CircleCi {
  /** Sent once: `trigger.ambiguous` where nobody can tell whether it took effect, `trigger.refused` where it did not. */
  trigger(options: TriggerOptions): Promise<Trigger>;
  pipeline(id: string): Promise<Pipeline>;
  workflow(id: string): Promise<Workflow>;
  /** All workflows of a pipeline: its setup workflow and reruns, too. */
  workflowsOf(pipelineId: string): Promise<readonly Workflow[]>;
  jobsOf(workflowId: string): Promise<readonly Job[]>;
  /** The answer's status, for the service does not document which ones mean "already approved"; null: no answer. */
  approve(workflowId: string, jobId: string): Promise<number | null>;
}

export function createClient(host: Host, origin: string, token: Secret): CircleCi {
  host.log.hide(token);
  const send = createSend(host, `${origin}/api/v2`, token);

  async function get<S extends v.GenericSchema>(
    schema: S,
    path: string,
    what: string,
  ): Promise<v.InferOutput<S>> {
    const answer = await send("GET", path).catch((error: unknown) => {
      throw explainSilence(error, `GET ${path}`, origin);
    });
    if (answer.status !== 200) throw await explain(answer, `GET ${path}`, what);
    return decode(schema, answer.body, `GET ${path}`);
  }

  async function getAll<S extends v.GenericSchema>(item: S, path: string, what: string) {
    const items: v.InferOutput<S>[] = [];
    for (let query = ""; ; ) {
      const { items: more, next_page_token: next } = await get(page(item), `${path}${query}`, what);
      items.push(...more);
      if (next === null || next === "") return items;
      query = `?page-token=${encodeURIComponent(next)}`;
    }
  }

  /** A bad token and a missing right both look like 404: asking who the token belongs to tells them apart. */
  async function explain(answer: Answer, call: string, what: string): Promise<UserError> {
    const said = `${call} was answered ${answer.status}${quote(answer.body)}`;
    if (answer.status >= 300 && answer.status < 400) {
      return new UserError(
        "circleci.failed",
        `${said}: a redirect, which circleback does not follow with a token.`,
        {
          hints: [`Set \`host\` to where the API really is; now it is ${origin}.`],
        },
      );
    }
    if (![401, 403, 404].includes(answer.status)) return new UserError("circleci.failed", `${said}.`);
    const me = await send("GET", "/me").catch(() => null);
    if (me !== null && (me.status === 401 || me.status === 403 || answer.status === 401)) {
      return new UserError("circleci.unauthorized", `${origin} refuses the token (${said}).`, {
        hints: [
          "Create a personal API token under User Settings, Personal API Tokens; project tokens do not work, and tokens expire.",
        ],
      });
    }
    const login = me?.status === 200 && v.is(Me, me.body) ? me.body.login : "the token's owner";
    if (answer.status === 403) {
      return new UserError("circleci.unauthorized", `${login} may not do this: ${said}.`);
    }
    return new UserError("circleci.not-found", `There is no ${what}, or ${login} cannot see it (${said}).`, {
      hints: [
        `Check the spelling, and that ${login} has access to the project on CircleCI and on its repository.`,
      ],
    });
  }

  return {
    async trigger(options) {
      const path = `/project/${options.project}/pipeline${options.definitionId ? "/run" : ""}`;
      const answer = await send("POST", path, triggerBody(options)).catch((error: unknown) => {
        const silence = explainSilence(error, `POST ${path}`, origin);
        throw error instanceof NoAnswer && !error.unsent ? ambiguous(silence.message, error) : silence;
      });
      if (answer.status >= 500)
        throw ambiguous(`POST ${path} was answered ${answer.status}${quote(answer.body)}`);
      if (answer.status === 201) {
        if (v.is(TriggeredPipeline, answer.body)) return { triggered: true, pipeline: answer.body };
        throw ambiguous(`POST ${path} was answered 201 in an unknown form${quote(answer.body)}`);
      }
      if (answer.status === 200) return { triggered: false, message: messageOf(answer.body) };
      if (answer.status === 400) {
        throw new UserError(
          "trigger.refused",
          `${options.project} was not triggered: ${messageOf(answer.body)}.`,
          {
            hints: [
              "Check that the branch or tag exists and that the parameters are declared in the child's configuration.",
            ],
          },
        );
      }
      throw await explain(answer, `POST ${path}`, `project ${options.project}`);
    },
    pipeline: (id) => get(Pipeline, `/pipeline/${id}`, `pipeline ${id}`),
    workflow: (id) => get(Workflow, `/workflow/${id}`, `workflow ${id}`),
    workflowsOf: (id) => getAll(Workflow, `/pipeline/${id}/workflow`, `pipeline ${id}`),
    jobsOf: (id) => getAll(Job, `/workflow/${id}/job`, `workflow ${id}`),
    async approve(workflowId, jobId) {
      const path = `/workflow/${workflowId}/approve/${jobId}`;
      const answer = await send("POST", path).catch((error: unknown) => {
        if (error instanceof NoAnswer) return null;
        throw error;
      });
      if (answer?.status === 401 || answer?.status === 403)
        throw await explain(answer, `POST ${path}`, "hold");
      return answer?.status ?? null;
    },
  };
}

function triggerBody({ definitionId, branch, tag, parameters }: TriggerOptions) {
  const source = { ...(branch && { branch }), ...(tag && { tag }) };
  if (definitionId === "") return { ...source, parameters };
  const checkout = Object.keys(source).length > 0 ? { config: source, checkout: source } : {};
  return { definition_id: definitionId, ...checkout, parameters };
}

function ambiguous(message: string, cause?: unknown): UserError {
  return new UserError("trigger.ambiguous", `${message}: the child may or may not have been triggered.`, {
    hints: [
      "Look at the child project's newest pipelines before you run this job again: it does not trigger twice by itself.",
    ],
    cause,
  });
}

function explainSilence(error: unknown, call: string, origin: string): Error {
  if (!(error instanceof NoAnswer)) return error instanceof Error ? error : new Error(String(error));
  return new UserError("circleci.failed", `${call} got no answer from ${origin}: ${error.message}`, {
    hints: ["Check the network and `host`; status.circleci.com tells of outages."],
  });
}

function decode<S extends v.GenericSchema>(schema: S, body: unknown, call: string): v.InferOutput<S> {
  const result = v.safeParse(schema, body);
  if (result.success) return result.output;
  const issue = v.summarize(result.issues).split("\n")[0];
  throw new UserError("circleci.failed", `${call} was answered in an unknown form: ${issue}${quote(body)}`);
}

function messageOf(body: unknown): string {
  return v.is(Message, body) ? body.message : JSON.stringify(body).slice(0, 300);
}

function quote(body: unknown): string {
  const text = v.is(Message, body) ? body.message : typeof body === "string" ? body : JSON.stringify(body);
  return text ? `: "${text.slice(0, 300)}"` : "";
}
