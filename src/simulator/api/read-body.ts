import * as v from "valibot";
import { ApiError } from "./api-error.ts";

/** The checked JSON body of a request, an empty one counting as `{}`; anything else is answered 400. */
export async function readBody<const Schema extends v.GenericSchema>(
  request: { text(): Promise<string> },
  schema: Schema,
): Promise<v.InferOutput<Schema>> {
  const body = parseJson(await request.text());
  if (Array.isArray(body)) throw new ApiError(400, "The request body is not a JSON object.");
  const result = v.safeParse(schema, body);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  throw new ApiError(400, path === null ? issue.message : `${path}: ${issue.message}`);
}

function parseJson(text: string): unknown {
  if (text.trim() === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError(400, "The request body is not valid JSON.");
  }
}

/** Pipeline parameters as a request carries them, within the documented limits. */
export const parametersSchema = v.pipe(
  // To valibot an array is an object.
  v.custom<object>((value) => !Array.isArray(value), "Parameters are an object."),
  v.record(
    v.pipe(v.string(), v.maxLength(128, "Parameter names have at most 128 characters.")),
    v.union(
      [
        v.pipe(v.string(), v.maxLength(512, "Parameter values have at most 512 characters.")),
        v.pipe(v.number(), v.integer("Parameter values are strings, integers or booleans.")),
        v.boolean(),
      ],
      "Parameter values are strings, integers or booleans.",
    ),
    "Parameters are an object.",
  ),
  v.check((entries) => Object.keys(entries).length <= 100, "A pipeline takes at most 100 parameters."),
);
