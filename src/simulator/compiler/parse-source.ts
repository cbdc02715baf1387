import {
  type CreateNodeOptions,
  type DocumentOptions,
  type ParseOptions,
  parseDocument,
  type ScalarTag,
  type SchemaOptions,
  type Tags,
} from "yaml";
import type { Value } from "./value.ts";

const trueTexts = /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const booleanTexts = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;

/** CircleCI documents the booleans of YAML 1.1 (without `y` and `n`); everything else is read as YAML 1.2. */
const booleanTag: ScalarTag = {
  identify: (value) => typeof value === "boolean",
  default: true,
  tag: "tag:yaml.org,2002:bool",
  test: booleanTexts,
  resolve: (text) => trueTexts.test(text),
  stringify: (item) => (item.value === true ? "true" : "false"),
};

/** One dialect for reading and for printing, so that what is printed reads back the same. */
export const dialect: ParseOptions & DocumentOptions & SchemaOptions & CreateNodeOptions = {
  version: "1.2",
  schema: "core",
  merge: true,
  stringKeys: true,
  prettyErrors: true,
  logLevel: "silent",
  customTags: (tags: Tags): Tags => [
    ...tags.filter((tag) => typeof tag === "string" || tag.tag !== "tag:yaml.org,2002:bool"),
    booleanTag,
  ],
};

export type ParsedSource =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly message: string };

export function parseSource(source: string): ParsedSource {
  const document = parseDocument(source, dialect);
  const [error] = document.errors;
  if (error !== undefined) return { ok: false, message: `Unable to parse YAML\n${error.message.trimEnd()}` };
  try {
    return { ok: true, value: document.toJS({ maxAliasCount: 1_000_000 }) as Value };
  } catch (cause) {
    return { ok: false, message: `Unable to parse YAML\n${cause instanceof Error ? cause.message : cause}` };
  }
}
