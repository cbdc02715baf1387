import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { type Diagnostic, diagnose, hasLanguageServer } from "../support/language-server.ts";

const root = join(import.meta.dirname, "../..");
const packed = readFileSync(join(root, "dist/orb.yml"), "utf8");
const orbTools = readFileSync(join(root, "test/support/orb-tools.yml"), "utf8");
const orbs = { "acme/circleback": packed, "circleci/orb-tools": orbTools };

interface Known {
  readonly in: RegExp;
  readonly severity: Diagnostic["severity"];
  readonly message: RegExp;
  readonly why: string;
}

/** Everything that the language server may say. What nobody says any more has to go from here. */
const known: readonly Known[] = [
  {
    in: /./,
    severity: "hint",
    message: /^You may want to add the `store_test_results` step/,
    why: "The examples show as little as they can.",
  },
  {
    in: /^the packed orb$/,
    severity: "warning",
    message: /^(?:Orb|Command|Job) is unused$/,
    why: "The configuration around the orb calls nothing of it.",
  },
  {
    in: /^the packed orb$/,
    severity: "error",
    message: /^Pipeline parameter (?:circleback|sweep) is not defined$/,
    why: "It looks into the usage examples, of which packing keeps no `parameters`.",
  },
  {
    in: /^examples\/circleback\/integration\//,
    severity: "error",
    message: /^Cannot find declaration for job invocation "test-(?:orders|payments)"$/,
    why: "It does not know names that are made of matrix values: test-<< matrix.suite >>.",
  },
  {
    in: /^examples\/seed\/project-b\//,
    severity: "warning",
    message: /^Command is unused$|^The name "test" is already used to define a (?:job|workflow)/,
    why: "The original scripts, kept as they were.",
  },
];

/** The language server overlooks much of what is written in braces and brackets. */
function inBlockStyle(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
}

function readDocuments(): Readonly<Record<string, string>> {
  const read = (path: string) => parse(readFileSync(join(root, path), "utf8"), { merge: true });
  const listed = execFileSync("git", ["ls-files", "*.circleci/config.yml", "orb/examples/*.yml"], {
    cwd: root,
    encoding: "utf8",
  });
  const files = listed.split("\n").flatMap((path) => {
    if (path === "") return [];
    const document = read(path);
    return [[path, path.startsWith("orb/") ? document.usage : document] as const];
  });
  const blocks = readFileSync(join(root, "README.md"), "utf8").matchAll(/^```yaml\n(.*?)^```$/gms);
  const readme = [...blocks].flatMap(([, text = ""], index) =>
    text.startsWith("version:") ? [[`README.md, YAML ${index + 1}`, parse(text)] as const] : [],
  );
  const orb = { version: 2.1, orbs: { circleback: parse(packed) } };
  return Object.fromEntries(
    [["the packed orb", orb] as const, ...files, ...readme].map(([name, value]) => [
      name,
      inBlockStyle(value),
    ]),
  );
}

describe.runIf(hasLanguageServer())("CircleCI's language server", () => {
  const documents = readDocuments();
  let found: readonly (Diagnostic & { readonly name: string })[] = [];
  const isKnown = (each: Diagnostic & { readonly name: string }, { in: where, severity, message }: Known) =>
    where.test(each.name) && severity === each.severity && message.test(each.message);

  beforeAll(async () => {
    const diagnostics = Object.entries(await diagnose(documents, orbs));
    expect(diagnostics.map(([name]) => name).sort()).toEqual(Object.keys(documents).sort());
    found = diagnostics.flatMap(([name, list]) => list.map((each) => ({ name, ...each })));
  });

  test("is asked about the orb, its examples, the README, and every project here", () => {
    expect(Object.keys(documents)).toEqual(
      expect.arrayContaining([
        "the packed orb",
        ".circleci/config.yml",
        "examples/circleback/app/.circleci/config.yml",
        "orb/examples/child.yml",
        "README.md, YAML 1",
      ]),
    );
  });

  test("finds nothing that is not known and explained", () => {
    expect(found.filter((each) => !known.some((one) => isKnown(each, one)))).toEqual([]);
  });

  test.for(known)("still says $message ($why)", (one) => {
    expect(found.some((each) => isKnown(each, one))).toBe(true);
  });

  test("sees what the orb does not take, so that its silence means something", async () => {
    const named = (wanted: string) => Object.entries(documents).find(([name]) => name === wanted)?.[1] ?? "";
    const parent = named("README.md, YAML 1");
    const orb = named("the packed orb");
    const broken = {
      "the README": parent.replace("circleback/check-status", "circleback/check-states"),
      "no version": parent.replace("version: 2.1", "virsion: 2.1"),
      "a parameter": orb.replaceAll("<< parameters.timeout >>", "<< parameters.timout >>"),
      "a command": orb.replaceAll("- sweep:", "- swoop:"),
    };
    const said = Object.entries(await diagnose(broken, orbs)).map(([name, diagnostics]) => {
      const news = diagnostics.filter(
        (each) => !known.some((one) => isKnown({ name: "the packed orb", ...each }, one)),
      );
      return [name, news[0]?.message];
    });
    expect(Object.fromEntries(said)).toEqual({
      "the README": 'Cannot find declaration for job "circleback/check-states"',
      "no version": "version is required",
      "a parameter": "Parameter timout is not defined",
      "a command": "Cannot find declaration for step swoop",
    });
  });
});
