import * as v from "valibot";
import { UserError } from "../errors.ts";
import type { Access } from "./access.ts";
import type { Answer } from "./api.ts";
import { parseJson } from "./json.ts";
import { LostAnswer } from "./lost-answer.ts";

/** `Status` of the API: meta/v1. */
const Status = v.object({
  message: v.optional(v.string(), ""),
  reason: v.optional(v.string(), ""),
  details: v.optional(
    v.object({
      causes: v.optional(
        v.array(v.object({ message: v.optional(v.string(), ""), field: v.optional(v.string(), "") })),
        [],
      ),
    }),
    {},
  ),
});

type Reply = Pick<Answer, "status" | "text">;

export interface Refusal {
  readonly status: number;
  readonly reason: string;
  readonly message: string;
}

/** What the server says, without the values that it quotes: they may be secrets. */
export function readRefusal({ status, text }: Reply): Refusal {
  const result = v.safeParse(Status, parseJson(text));
  if (!result.success) return { status, reason: "", message: text.slice(0, 200).trim() };
  const { message, reason, details } = result.output;
  const causes = details.causes ?? [];
  const told =
    status === 422 && causes.length > 0
      ? causes.map((cause) => `${cause.field}: ${concealValues(cause.message)}`).join("; ")
      : concealValues(message);
  return { status, reason, message: told };
}

/** The API server quotes what it does not like: `Invalid value: "…": must be …`, `expected string, got …`. */
export function concealValues(message: string): string {
  return message
    .replace(/\b((?:Invalid|Unsupported|Duplicate) value): .*?(: (?=[^":}]*$)|$)/gs, "$1$2")
    .replace(/, got .*/s, "")
    .replace(/cannot unmarshal \w+ ".*?" into/gs, "cannot unmarshal it into");
}

export function explainRefusal(answer: Reply, access: Access, name: string): UserError {
  const { status, reason, message } = readRefusal(answer);
  const sentence = `${name} was answered ${status}${reason && ` ${reason}`}: ${message || "nothing more"}.`;
  if (status === 401) {
    return new UserError("cluster.unauthorized", `${access.title} does not know who calls: ${sentence}`, {
      hints: [access.unauthorizedHint],
    });
  }
  if (status === 403)
    return new UserError("cluster.unauthorized", sentence, { hints: forbiddenHints(message) });
  if (status === 409) {
    return new UserError("field.conflict", sentence, {
      hints: [
        / conflicts? with /.test(message)
          ? "Somebody else manages those fields. Take them out of the manifest, or take them over with `force-conflicts: true`."
          : "Somebody else was there at the same time. Run this job again.",
      ],
    });
  }
  const isUntyped = message.includes("failed to create typed patch object");
  if (isUntyped || status === 400 || status === 422 || status === 415) {
    return new UserError("manifest.invalid", sentence, { hints: [] });
  }
  return status >= 500
    ? new LostAnswer("cluster.failed", sentence)
    : new UserError("cluster.failed", sentence);
}

/** RBAC says it in one sentence: `User "ci" cannot patch resource "deployments" in API group "apps" in the namespace "web"`. */
function forbiddenHints(message: string): readonly string[] {
  const [, user, verb, resource, group, namespace] =
    /User "([^"]*)" cannot (\w+) resource "([^"]*)" in API group "([^"]*)"(?: in the namespace "([^"]*)")?/.exec(
      message,
    ) ?? [];
  if (verb === undefined)
    return ["An admission rule or authorizer of the cluster refuses it: ask who runs it."];
  const rule = `apiGroups: ["${group}"], resources: ["${resource}"], verbs: ["${verb}"]`;
  const role = namespace === undefined ? "a ClusterRole" : `a Role in ${namespace}`;
  return [`Allow it to ${user} in ${role}: ${rule}.`];
}
