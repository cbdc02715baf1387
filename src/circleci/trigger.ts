import * as v from "valibot";
import { UserError } from "../errors.ts";
import { NoAnswer } from "../host/request.ts";
import { type Call, explainSilence, messageOf, quote } from "./call.ts";
import { Message, TriggeredPipeline } from "./schemas.ts";

export interface TriggerOptions {
  readonly project: string;
  /** Set: the newer endpoint, which GitHub App projects need. */
  readonly definitionId: string;
  readonly branch: string;
  readonly tag: string;
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
}

export type Trigger =
  | { readonly end: "triggered"; readonly pipeline: TriggeredPipeline }
  /** Accepted and ignored, for instance because of `[skip ci]` in the commit. */
  | { readonly end: "ignored"; readonly message: string }
  /** The service is sure that there is no such branch, and has done nothing. */
  | { readonly end: "no-branch"; readonly message: string };

/**
 * Asks for a pipeline, once. Throws `trigger.ambiguous` where nobody can tell whether there is one now,
 * `trigger.refused` and `circleci.*` where there is none.
 */
export async function triggerPipeline(call: Call, options: TriggerOptions): Promise<Trigger> {
  const path = `/project/${options.project}/pipeline${options.definitionId ? "/run" : ""}`;
  const name = `POST ${path}`;
  const answer = await call.send("POST", path, bodyOf(options)).catch((error: unknown) => {
    const silence = explainSilence(error, name, call.origin);
    throw error instanceof NoAnswer && !error.unsent ? ambiguous(silence.message, error) : silence;
  });
  const said = `${name} was answered ${answer.status}`;
  if (answer.status === 201 && v.is(TriggeredPipeline, answer.body))
    return { end: "triggered", pipeline: answer.body };
  if (answer.status === 200 && v.is(Message, answer.body))
    return { end: "ignored", message: answer.body.message };
  // An acceptance of another kind, or the page of a proxy in its place, says nothing of a pipeline.
  if (answer.status >= 500 || answer.status < 300) throw ambiguous(`${said}${quote(answer.body)}`);
  const message = messageOf(answer.body);
  if (answer.status !== 400) throw await call.explain(answer, name, `project ${options.project}`);
  if (options.branch !== "" && /branch.*not (be )?found|no such branch|not find.*branch/i.test(message)) {
    return { end: "no-branch", message };
  }
  throw new UserError("trigger.refused", `${options.project} was not triggered: ${message}.`, {
    hints: [
      "Check that the branch or tag exists and that the parameters are declared in the child's configuration.",
    ],
  });
}

function bodyOf({ definitionId, branch, tag, parameters }: TriggerOptions) {
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
