import { Hono } from "hono";
import * as v from "valibot";
import type { CompileError } from "../compiler/compiled-config.ts";
import type { ScenarioToken } from "../scenario/scenario.ts";
import { isUnknownToken } from "./auth.ts";
import type { ApiEngine, ApiEnvironment } from "./call.ts";
import { readBody } from "./read-body.ts";

const valuesSchema = v.record(v.string(), v.union([v.string(), v.number(), v.boolean()]));

const requestSchema = v.object({
  config_yaml: v.string(),
  options: v.optional(
    v.object({
      owner_id: v.optional(v.string()),
      pipeline_parameters: v.optional(valuesSchema, {}),
      pipeline_values: v.optional(valuesSchema, {}),
    }),
    {},
  ),
});

/** What compiles a configuration without a pipeline: `circleci config validate` and `config process` ask for it. */
export function configRoutes({ options }: ApiEngine, tokens: readonly ScenarioToken[]): Hono<ApiEnvironment> {
  return new Hono<ApiEnvironment>().post("/compile-config-with-defaults", async (call) => {
    if (isUnknownToken(tokens, call.req.header("circle-token"))) return call.text(invalidToken, 401);
    const { config_yaml: source, options: given } = await readBody(call.req, requestSchema);
    const result = options.compile({
      source,
      orbs: options.orbs,
      parameters: given.pipeline_parameters,
      values: withoutPrefix(given.pipeline_values),
    });
    return call.json({
      valid: result.ok,
      "source-yaml": source,
      "output-yaml": result.ok ? result.config.yaml : "",
      errors: result.ok ? [] : result.errors.map(viewError),
    });
  });
}

export const invalidToken = "Invalid token provided.";

export function viewError({ path, message }: CompileError) {
  return { message: path === "" ? message : `${path}: ${message}` };
}

/** The program sends `pipeline.git.branch`, the compiler knows `git.branch`; parameters come apart from the values. */
function withoutPrefix(values: v.InferOutput<typeof valuesSchema>) {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => {
      if (!name.startsWith("pipeline.") || name.startsWith("pipeline.parameters.")) return [];
      return [[name.slice("pipeline.".length), value]];
    }),
  );
}
