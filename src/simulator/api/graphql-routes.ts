import { Hono } from "hono";
import * as v from "valibot";
import { validateOrb } from "../compiler/validate-orb.ts";
import type { ScenarioToken } from "../scenario/scenario.ts";
import { isUnknownToken } from "./auth.ts";
import type { ApiEngine, ApiEnvironment } from "./call.ts";
import { invalidToken, viewError } from "./config-routes.ts";
import { readBody } from "./read-body.ts";

const requestSchema = v.object({
  query: v.string(),
  variables: v.optional(v.record(v.string(), v.unknown()), {}),
});

/** The one query of the older API that has no successor: `circleci orb validate` and `orb process` ask it. */
export function graphqlRoutes(
  { options }: ApiEngine,
  tokens: readonly ScenarioToken[],
): Hono<ApiEnvironment> {
  return new Hono<ApiEnvironment>().post("/graphql-unstable", async (call) => {
    // Without a scheme in front, unlike everywhere else.
    if (isUnknownToken(tokens, call.req.header("authorization"))) return call.text(invalidToken, 401);
    const { query, variables } = await readBody(call.req, requestSchema);
    const field = /^[^{]*\{\s*(?:\w+\s*:\s*)?(\w+)/.exec(query)?.[1] ?? "";
    const source = variables[/\borbYaml\s*:\s*\$(\w+)/.exec(query)?.[1] ?? ""];
    if (field !== "orbConfig" || typeof source !== "string") {
      return call.json({ errors: [{ message: `Cannot query field \`${field}' on type \`QueryRoot'.` }] });
    }
    const errors = validateOrb(source, options.orbs);
    const valid = errors.length === 0;
    const answer = {
      valid,
      errors: errors.map(viewError),
      sourceYaml: source,
      outputYaml: valid ? source : "",
    };
    return call.json({ data: { orbConfig: answer } });
  });
}
