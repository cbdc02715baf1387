/**
 * The review rules RC001 to RC012 of CircleCI's orb-tools, read from what its job `review` checks, in our own words.
 * RC006 and RC007 ask for the pages there; here a well-formed address has to do. RC010, names in snake_case, is left
 * out: this orb's are kebab-case, like CircleCI's own keys of workflows, and as the product was ordered.
 */

export interface OrbParts {
  /** `@orb.yml`. */
  readonly root: unknown;
  /** By their path, as in `commands/greet`. */
  readonly components: Readonly<Record<string, unknown>>;
  /** How examples name the orb, without the version. */
  readonly name: string;
  /** Of the release that is being made; empty: none. */
  readonly tag: string;
}

/** The longest command that may stand in a component. */
const longest = 64;

/** What the rules find, as `RC008 commands/greet: …`. */
export function reviewOrb({ root, components, name, tag }: OrbParts): readonly string[] {
  const all = Object.entries(components);
  const examples = all.filter(([path]) => path.startsWith("examples/"));
  const elements = all.filter(([path]) => !path.startsWith("examples/"));
  return [
    ...reviewRoot(root),
    ...all.flatMap(([path, body]) =>
      textAt(body, "description") === "" ? [`RC002 ${path}: has no description`] : [],
    ),
    ...(examples.length === 0 ? ["RC003 there is no usage example"] : []),
    ...examples.flatMap(([path]) =>
      path.slice("examples/".length).includes("example") ? [`RC004 ${path}: says "example" in its name`] : [],
    ),
    ...elements.flatMap(([path, body]) => reviewRuns(path, body)),
    ...examples.flatMap(([path, body]) => reviewVersion(path, body, name, tag)),
    ...elements.flatMap(([path, body]) => reviewKeys(path, body)),
  ];
}

function reviewRoot(root: unknown): readonly string[] {
  const source = textAt(root, "display", "source_url");
  const home = textAt(root, "display", "home_url");
  return [
    ...(source === "" ? ["RC001 display.source_url is missing"] : []),
    ...(textAt(root, "description").length < 64 ? ["RC005 the description is short"] : []),
    ...(isAddress(source) ? [] : [`RC006 display.source_url: ${source}`]),
    ...(home === "" || isAddress(home) ? [] : [`RC007 display.home_url: ${home}`]),
  ];
}

function isAddress(text: string): boolean {
  return URL.canParse(text) && /^https:\/\/[\w-]+(?:\.[\w-]+)+(?:\/[\w.~-]+)*\/?$/.test(text);
}

function reviewRuns(path: string, body: unknown): readonly string[] {
  const runs = entriesWithin(body).filter(({ keys }) => keys.at(-1) === "run");
  return runs.flatMap(({ keys, value }) => {
    const command = typeof value === "string" ? value : textAt(value, "command");
    const at = `${path}: ${keys.join(".")}`;
    return [
      ...(textAt(value, "name") === "" ? [`RC008 ${at} has no name`] : []),
      ...(command.length > longest && !command.includes("<<include(") ? [`RC009 ${at} is long`] : []),
    ];
  });
}

/** Examples of a release show its major version. */
function reviewVersion(path: string, body: unknown, name: string, tag: string): readonly string[] {
  const [, major] = /^v(\d+)\.\d+\.\d+$/.exec(tag) ?? [];
  if (major === undefined) return [];
  const references = entriesWithin(childOf(body, "usage"))
    .filter(({ keys }) => keys[0] === "orbs" && keys.length === 2)
    .map(({ value }) => String(value))
    .filter((reference) => reference.startsWith(`${name}@`));
  const isCurrent = references.some((reference) => reference.split(/[@.]/)[1] === major);
  return isCurrent ? [] : [`RC011 ${path}: shows ${references.join(", ") || "no version"}, not ${major}`];
}

/** A default that names an environment variable is never expanded in the key of a cache. */
function reviewKeys(path: string, body: unknown): readonly string[] {
  const entries = entriesWithin(body);
  const variables = entries.filter(
    ({ keys, value }) =>
      keys[0] === "parameters" && keys.length === 3 && keys[2] === "default" && /\$./.test(String(value)),
  );
  return variables.flatMap(({ keys: [, parameter = ""] }) =>
    entries
      .filter(({ keys, value }) => keys.at(-1)?.endsWith("key") && String(value).includes(parameter))
      .map(
        ({ keys }) => `RC012 ${path}: ${keys.join(".")} uses ${parameter}, whose default names a variable`,
      ),
  );
}

interface Entry {
  readonly keys: readonly string[];
  readonly value: unknown;
}

/** Every entry of every map and list in a value, outer ones first. */
function entriesWithin(value: unknown): readonly Entry[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => [
    { keys: [key], value: child as unknown },
    ...entriesWithin(child).map((entry) => ({ ...entry, keys: [key, ...entry.keys] })),
  ]);
}

function childOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).find(([own]) => own === key)?.[1]
    : undefined;
}

function textAt(value: unknown, ...keys: readonly string[]): string {
  const found = keys.reduce(childOf, value);
  return typeof found === "string" ? found : "";
}
