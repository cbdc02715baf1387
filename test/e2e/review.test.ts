import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type OrbParts, reviewOrb } from "../support/review-orb.ts";

const root = join(import.meta.dirname, "../..");
const read = (path: string): unknown => parse(readFileSync(join(root, path), "utf8"));
const kinds = ["commands", "examples", "executors", "jobs"];
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const release = { name: "acme/circleback", tag: `v${version}` };

function readSources(): OrbParts {
  const paths = kinds.flatMap((kind) =>
    readdirSync(join(root, "orb", kind)).map((file) => `${kind}/${file.replace(/\.yml$/, "")}`),
  );
  return {
    root: read("orb/@orb.yml"),
    components: Object.fromEntries(paths.map((path) => [path, read(`orb/${path}.yml`)])),
    ...release,
  };
}

function readPacked(): OrbParts {
  const packed = parse(readFileSync(join(root, "dist/orb.yml"), "utf8"));
  const components = kinds.flatMap((kind) =>
    Object.entries<unknown>(packed[kind]).map(([name, body]) => [`${kind}/${name}`, body] as const),
  );
  return { root: packed, components: Object.fromEntries(components), ...release };
}

describe("the review rules of orb-tools", () => {
  test("find nothing in the orb's sources", () => {
    expect(reviewOrb(readSources())).toEqual([]);
  });

  test("find nothing in the packed orb but the scripts that packing has put in", () => {
    const names = readdirSync(join(root, "orb/scripts")).filter((name) => name.endsWith(".sh"));
    const scripts = names.map((name) => readFileSync(join(root, "orb/scripts", name), "utf8"));
    const components = JSON.parse(JSON.stringify(readPacked().components), (_, value: unknown) =>
      typeof value === "string" && scripts.includes(value.replaceAll("\\<<", "<<"))
        ? "<<include(a script)>>"
        : value,
    );
    expect(reviewOrb({ ...readPacked(), components })).toEqual([]);
  });
});

const good = {
  root: {
    description: "Greet everybody who has to be greeted, in the language that they have asked for.",
    display: { source_url: "https://github.com/acme/tools", home_url: "https://acme.example" },
  },
  components: {
    "commands/greet": {
      description: "Greet somebody.",
      parameters: { path: { type: "string", default: "${HOME}/greetings" } },
      steps: [{ when: { condition: true, steps: [{ run: { name: "Greet", command: "echo hello" } }] } }],
    },
    "examples/greeting": { description: "Greet.", usage: { orbs: { tools: "acme/tools@1.2" } } },
  },
  name: "acme/tools",
  tag: "v1.3.0",
};

function goodWith(path: string, changes: object): OrbParts {
  const components: Readonly<Record<string, object>> = good.components;
  return { ...good, components: { ...components, [path]: { ...components[path], ...changes } } };
}

const steps = (...list: readonly unknown[]) => ({ steps: list });

test.each<[string, OrbParts, readonly string[]]>([
  ["a good orb", good, []],
  [
    "no source",
    { ...good, root: { ...good.root, display: {} } },
    ["RC001 display.source_url is missing", "RC006 display.source_url: "],
  ],
  [
    "no description",
    goodWith("commands/greet", { description: "" }),
    ["RC002 commands/greet: has no description"],
  ],
  [
    "no example",
    { ...good, components: { "commands/greet": good.components["commands/greet"] } },
    ["RC003 there is no usage example"],
  ],
  [
    "an example that says so",
    goodWith("examples/example-2", good.components["examples/greeting"]),
    ['RC004 examples/example-2: says "example" in its name'],
  ],
  [
    "a short description",
    { ...good, root: { ...good.root, description: "Tools." } },
    ["RC005 the description is short"],
  ],
  [
    "addresses that are none",
    { ...good, root: { ...good.root, display: { source_url: "github.com/acme", home_url: "http://a b" } } },
    ["RC006 display.source_url: github.com/acme", "RC007 display.home_url: http://a b"],
  ],
  [
    "runs without a name",
    goodWith("commands/greet", steps({ run: "echo hello" }, { run: { command: "echo" } })),
    ["RC008 commands/greet: steps.0.run has no name", "RC008 commands/greet: steps.1.run has no name"],
  ],
  [
    "a long command",
    goodWith("commands/greet", steps({ run: { name: "Greet", command: `echo ${"h".repeat(60)}` } })),
    ["RC009 commands/greet: steps.0.run is long"],
  ],
  ["an old example", { ...good, tag: "v2.0.0" }, ["RC011 examples/greeting: shows acme/tools@1.2, not 2"]],
  [
    "a variable in a key",
    goodWith("commands/greet", steps({ save_cache: { key: "v1-<< parameters.path >>", paths: ["a"] } })),
    ["RC012 commands/greet: steps.0.save_cache.key uses path, whose default names a variable"],
  ],
])("find what is wrong with %s", (_, orb, findings) => {
  expect(reviewOrb(orb)).toEqual(findings);
});
