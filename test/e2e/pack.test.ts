import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { loadDefinitions } from "../../scripts/definitions.ts";
import { packOrb } from "../../scripts/pack.ts";
import { compile } from "../../src/simulator/compiler/compile.ts";
import { circleci, hasCircleciCli } from "../support/circleci-cli.ts";
import { makeFolder } from "../support/folders.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const packed = await packOrb(join(root, "orb"));
const orb = parse(packed);
const definitions = await loadDefinitions();
const orbs = new Map([["acme/circleback@1.0", packed]]);

function compileConfig(config: unknown) {
  return compile({
    source: stringify(config),
    orbs,
    parameters: {},
    values: { "project.slug": "gh/acme/app" },
  });
}

function jobWith(name: string, given: object) {
  return { workflows: { test: { jobs: [{ [`circleback/${name}`]: { ...given, name: "sample" } }] } } };
}

function stepWith(name: string, given: object) {
  const job = { docker: [{ image: "cimg/base:stable" }], steps: [{ [`circleback/${name}`]: given }] };
  return { jobs: { sample: job }, workflows: { test: { jobs: ["sample"] } } };
}

test("the packed orb that was built is the one that its sources give", () => {
  expect(readFileSync(join(root, "dist/orb.yml"), "utf8")).toBe(packed);
});

describe.each(definitions)("$name", ({ name, jobDescription, jobParameters = {}, parameters }) => {
  const required = Object.entries(parameters).filter(([, parameter]) => parameter.default === undefined);
  const given = Object.fromEntries(required.map(([parameter]) => [parameter, "gh/acme/child"]));
  const result = compileConfig({
    version: 2.1,
    orbs: { circleback: "acme/circleback@1.0" },
    ...(jobDescription === undefined ? stepWith(name, given) : jobWith(name, given)),
  });

  test("comes out of packing and compiling with the very bytes that were built", () => {
    const steps = result.ok ? result.config.jobs.sample?.steps : [];
    const all = (steps ?? []).flatMap((step) => (step.kind === "run" ? [step] : []));
    const runs = all.filter(({ environment }) => environment.CIRCLEBACK_PROGRAM !== undefined);
    expect(runs.map(({ environment }) => environment.CIRCLEBACK_PROGRAM)).toEqual([
      readFileSync(join(root, `orb/scripts/${name}.cjs`), "utf8"),
    ]);
    expect(runs.map(({ command }) => command)).toEqual([
      readFileSync(join(root, "orb/scripts/run.sh"), "utf8"),
    ]);
    expect(runs.map(({ environment }) => environment.CIRCLEBACK_INSTALL_NODE_SCRIPT)).toEqual([
      readFileSync(join(root, "orb/scripts/install-node.sh"), "utf8"),
    ]);
  });

  test("gives the step every parameter, the job, where there is one, those of its command and an executor", () => {
    const command = orb.commands[name];
    expect(Object.keys(command.parameters)).toEqual(Object.keys(parameters));
    const own = Object.fromEntries(Object.keys(jobParameters).map((each) => [each, expect.anything()]));
    expect(orb.jobs[name]?.parameters).toEqual(
      jobDescription === undefined
        ? undefined
        : { executor: expect.anything(), ...own, ...command.parameters },
    );
  });

  test("stays far below what one environment variable may hold", () => {
    const steps = result.ok ? (result.config.jobs.sample?.steps ?? []) : [];
    const longest = steps.flatMap((step) => (step.kind === "run" ? Object.entries(step.environment) : []));
    for (const [variable, value] of longest) expect(`${variable}=${value}`.length).toBeLessThan(60_000);
  });
});

describe.each(readdirSync(join(root, "orb/examples")))("the example %s", (file) => {
  const example = parse(readFileSync(join(root, "orb/examples", file), "utf8"));

  test("compiles", () => {
    expect(compileConfig(example.usage)).toMatchObject({ ok: true });
  });
});

test("every parameter that a component uses is declared, and every component and parameter is described", () => {
  const components = ["commands", "jobs", "executors"].flatMap((kind) => Object.entries(orb[kind] as object));
  for (const [name, component] of components) {
    const { parameters = {}, description, ...body } = component;
    const used = [...stringify(body).matchAll(/<<\s*parameters\.([\w-]+)\s*>>/g)].map(
      ([, parameter]) => parameter,
    );
    expect(Object.keys(parameters), name).toEqual(expect.arrayContaining(used));
    expect(description, name).toMatch(/\w{3}/);
    for (const parameter of Object.values<{ description?: string }>(parameters)) {
      expect(parameter.description, name).toMatch(/\w{3}/);
    }
  }
});

test.runIf(hasCircleciCli())("CircleCI's own program packs the same document", async () => {
  const { stdout } = await circleci(["orb", "pack", join(root, "orb")], makeFolder());
  expect(parse(stdout)).toEqual(orb);
});
