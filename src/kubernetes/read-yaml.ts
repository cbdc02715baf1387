/** What a kubeconfig or the head of a manifest is written in: mappings, lists and texts. */
export type Yaml = string | null | readonly Yaml[] | { readonly [key: string]: Yaml };

/** Block YAML, the way kubectl and the clouds write a kubeconfig, is all that is understood. */
export class UnreadYaml extends Error {
  override readonly name = "UnreadYaml";
}

interface Line {
  readonly number: number;
  readonly indent: number;
  readonly text: string;
}

const keyForm =
  /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'#&*!|>%@`{}[\],?-][^:#]*?|-[^\s:#][^:#]*?)\s*:(?:\s+(.*))?$/;

/**
 * Reads mappings, lists and one-line scalars by their indentation; JSON is read as such. Every scalar comes as a text.
 * What is more than that (anchors, tags, blocks of text, flow collections that are not empty) throws `UnreadYaml`
 * with the line: a parser of all of YAML is three quarters of what a bundle may weigh.
 */
export function readYaml(source: string): Yaml {
  if (/^\s*[{[]/.test(source)) return readJson(source);
  const lines = source.split(/\r?\n/).flatMap((line, index): readonly Line[] => {
    const text = line.trim();
    if (text === "" || text.startsWith("#") || /^(---|\.\.\.)$/.test(line.trimEnd())) return [];
    if (/^ *\t/.test(line)) throw new UnreadYaml(`line ${index + 1} is indented with a tab`);
    return [{ number: index + 1, indent: line.length - line.trimStart().length, text }];
  });
  const { value, rest } = readBlock(lines, 0);
  const [more] = rest;
  if (more !== undefined) throw unread(more);
  return value;
}

interface Read {
  readonly value: Yaml;
  readonly rest: readonly Line[];
}

function readBlock(lines: readonly Line[], least: number): Read {
  const [first] = lines;
  if (first === undefined || first.indent < least) return { value: null, rest: lines };
  return isItem(first) ? readList(lines, first.indent) : readMapping(lines, first.indent);
}

function readList(lines: readonly Line[], indent: number): Read {
  const items: Yaml[] = [];
  let rest = lines;
  for (let [line] = rest; line !== undefined && line.indent === indent && isItem(line); [line] = rest) {
    const text = line.text.slice(1).trimStart();
    const inner = { ...line, indent: indent + line.text.length - text.length, text };
    const after = rest.slice(1);
    const read: Read =
      text === "" || text.startsWith("#")
        ? readBlock(after, indent + 1)
        : isItem(inner) || keyForm.test(text)
          ? readBlock([inner, ...after], inner.indent)
          : { value: readScalar(inner, text), rest: after };
    items.push(read.value);
    rest = read.rest;
  }
  return { value: items, rest };
}

function readMapping(lines: readonly Line[], indent: number): Read {
  const entries = new Map<string, Yaml>();
  let rest = lines;
  for (let [line] = rest; line !== undefined && line.indent === indent && !isItem(line); [line] = rest) {
    const [, name = "", text = ""] = keyForm.exec(line.text) ?? [];
    const key = name === "" ? null : readScalar(line, name);
    if (key === null || entries.has(key)) throw unread(line);
    const after = rest.slice(1);
    const isNested = text === "" || text.startsWith("#");
    // A list may stand at the indentation of the key that it belongs to.
    const [next] = after;
    const least = next !== undefined && isItem(next) ? indent : indent + 1;
    const read: Read = isNested ? readBlock(after, least) : { value: readValue(line, text), rest: after };
    entries.set(key, read.value);
    rest = read.rest;
  }
  const [next] = rest;
  if (next !== undefined && next.indent > indent) throw unread(next);
  return { value: Object.fromEntries(entries), rest };
}

function readValue(line: Line, text: string): Yaml {
  const bare = text.replace(/\s+#.*$/, "");
  if (bare === "{}") return {};
  if (bare === "[]") return [];
  return readScalar(line, text);
}

function readScalar(line: Line, text: string): string | null {
  const [, double, single] = /^(?:"((?:[^"\\]|\\.)*)"|'((?:[^']|'')*)')(?:\s+#.*)?$/.exec(text) ?? [];
  if (single !== undefined) return single.replaceAll("''", "'");
  if (double !== undefined) {
    const value = readJson(`"${double}"`);
    return typeof value === "string" ? value : null;
  }
  const bare = text.replace(/\s+#.*$/, "");
  if (/^["'&*!|>%@`{}[\],]/.test(bare) || /:(\s|$)/.test(bare) || bare === "?" || bare.startsWith("? ")) {
    throw unread(line);
  }
  return /^(~|null|Null|NULL)$/.test(bare) ? null : bare;
}

function readJson(text: string): Yaml {
  try {
    return stringify(JSON.parse(text));
  } catch (error) {
    if (error instanceof UnreadYaml) throw error;
    throw new UnreadYaml("it is not well-formed");
  }
}

function stringify(value: unknown): Yaml {
  if (value === null) return null;
  if (Array.isArray(value)) return value.map(stringify);
  if (typeof value !== "object") return String(value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, stringify(inner)]));
}

function isItem({ text }: Line): boolean {
  return text === "-" || text.startsWith("- ");
}

function unread({ number }: Line): UnreadYaml {
  return new UnreadYaml(`line ${number} is written in a way that is not understood here`);
}
