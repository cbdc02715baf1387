import { at, isMapping, type Mapping } from "./json.ts";
import { readYaml, UnreadYaml } from "./read-yaml.ts";

/** One document of a manifest: what it is about, and the text that the API server gets. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Null: the one that the command is told, or none for what belongs to no namespace. */
  readonly namespace: string | null;
  readonly text: string;
  /** `k8s/api.yml, document 2`. */
  readonly place: string;
}

/**
 * The documents of a file. The API server parses YAML itself, so only the head of each is read here: its top-level
 * keys and what stands under `metadata`. Throws `UnreadYaml` where those are written otherwise than by indentation.
 */
export function readManifests(file: string, source: string): readonly Manifest[] {
  // In YAML such a line ends a document even within a block of text.
  const parts = source.replace(/^\uFEFF/, "").split(/^---(?=\s|$)/m);
  const documents = parts.map((text, index) => ({ text: index === 0 ? text : dropRest(text, file), index }));
  return documents
    .filter(({ text }) => text.split(/\r?\n/).some((line) => !/^\s*(#.*)?$|^(%.*|\.\.\.)$/.test(line)))
    .map(({ text, index }) =>
      readDocument(text, parts.length === 1 ? file : `${file}, document ${index + 1}`),
    );
}

/** What stands behind the dashes can only be a comment. */
function dropRest(text: string, file: string): string {
  const [first = ""] = text.split("\n", 1);
  if (/^\s*(#.*)?$/.test(first)) return text.slice(first.length + 1);
  throw new UnreadYaml(`${file} has something behind ---`);
}

/** What the API server can take as a part of a path, so that nothing leads elsewhere (apimachinery, IsValidPathSegmentName). */
const forms: Readonly<Record<string, RegExp>> = {
  apiVersion: /^([\w-][\w.-]*\/)?\w+$/,
  kind: /^\w+$/,
  "metadata.name": /^(?!\.{1,2}$)[\w.:-]+$/,
  "metadata.namespace": /^[\w-]+$/,
};

function readDocument(text: string, place: string): Manifest {
  const head = readHead(text, place);
  const { apiVersion, kind } = head;
  const [name, namespace] = [at(head, "metadata", "name"), at(head, "metadata", "namespace") || null];
  if (/List$/.test(String(kind)) && "items" in head) {
    throw new UnreadYaml(
      `${place} is a ${kind}: write its items as documents of their own, with --- between them`,
    );
  }
  for (const [key, form] of Object.entries(forms)) {
    const value = { apiVersion, kind, "metadata.name": name, "metadata.namespace": namespace ?? "default" }[
      key
    ];
    if (typeof value !== "string" || value === "") throw new UnreadYaml(`${place} has no ${key}`);
    if (!form.test(value)) throw new UnreadYaml(`${place} says ${key}: ${value}, which is none`);
  }
  return {
    apiVersion: String(apiVersion),
    kind: String(kind),
    name: String(name),
    namespace: typeof namespace === "string" ? namespace : null,
    text,
    place,
  };
}

function readHead(text: string, place: string): Mapping {
  try {
    const head = readYaml(/^\s*\{/.test(text) ? text : keepHead(text));
    if (isMapping(head)) return head;
    throw new UnreadYaml("it is no mapping");
  } catch (error) {
    if (!(error instanceof UnreadYaml)) throw error;
    throw new UnreadYaml(`${place}: ${error.message}`);
  }
}

/** Blanks all lines but those of the three keys and of the key `items`, and under `metadata` all but name and namespace. */
function keepHead(text: string): string {
  let [section, depth] = ["", -1];
  const lines = text.split("\n").map((line) => {
    const indent = line.search(/[^\s]/);
    if (indent === 0) [section, depth] = [/^["']?(\w+)/.exec(line)?.[1] ?? "", -1];
    if (indent === 0 && section === "items") return "items:";
    if (!["apiVersion", "kind", "metadata"].includes(section)) return "";
    if (indent <= 0 || section !== "metadata") return line;
    if (depth === -1 && !/^\s*#/.test(line)) depth = indent;
    return indent === depth && /^\s*["']?(name|namespace)["']?\s*:/.test(line) ? line : "";
  });
  return lines.join("\n");
}
