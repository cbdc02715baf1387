import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { bundleCommand } from "../../../scripts/bundle.ts";
import { loadDefinitions } from "../../../scripts/definitions.ts";
import { Unfit } from "../../../src/orb/parameter.ts";

const definitions = await loadDefinitions();

/** Keys that a workflow keeps for itself in a job's entry, and that therefore never reach the job as parameters. */
const reserved = [
  "name",
  "context",
  "requires",
  "filters",
  "matrix",
  "type",
  "pre-steps",
  "post-steps",
  "serial-group",
  "override-with",
  "branches",
  "plan_name",
];

test("finds the commands", () => {
  expect(definitions.map(({ name }) => name)).toEqual([
    "approve-in-parent",
    "check-status",
    "ecr-promote",
    "ecr-push",
    "ecs-deploy",
    "k8s-deploy",
    "set-output",
    "slack-notify",
    "ssh-deploy",
    "ssh-rollback",
    "sweep",
    "trigger-and-wait",
  ]);
});

describe.each(definitions)("$name", (definition) => {
  const { name, description, jobDescription, parameters } = definition;
  const folder = fileURLToPath(new URL(`../../../src/commands/${name}`, import.meta.url));

  test("has its three files, and beside them only what they are made of", () => {
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(["definition.ts", "handler.ts", "main.ts"]));
  });

  test("describes itself and every parameter in whole sentences", () => {
    for (const text of [
      description,
      ...(jobDescription === undefined ? [] : [jobDescription]),
      ...Object.values(parameters).map((each) => each.description),
    ]) {
      expect(text).toMatch(/^[A-Z].{15,}\.$/s);
    }
  });

  test("names its parameters in kebab-case, and never like a key that workflows keep for themselves", () => {
    for (const parameter of Object.keys(parameters)) {
      expect(parameter).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(reserved).not.toContain(parameter);
    }
  });

  test("hangs steps and failures on parameters that it has", () => {
    const steps = [...(definition.before ?? []), ...(definition.after ?? [])];
    const conditions = steps.flatMap((step) => ("when" in step ? [step.when.condition] : []));
    for (const condition of conditions) expect(Object.keys(parameters)).toContain(condition);
    const { failsOnlyIf } = definition;
    if (failsOnlyIf !== undefined) expect(parameters[failsOnlyIf]?.type).toBe("boolean");
  });

  test("has defaults that parse", () => {
    for (const parameter of Object.values(parameters)) {
      if (parameter.default === undefined) continue;
      const text = String(parameter.default);
      const env = {
        CIRCLE_TOKEN: "token",
        CIRCLE_BUILD_NUM: "7",
        AWS_REGION: "eu-central-1",
        CIRCLE_PROJECT_REPONAME: "shop",
      };
      expect(() => parameter.parse(text, env)).not.toThrow(Unfit);
    }
  });

  test("fits into its budget as plain ASCII without anything that packing rewrites", async () => {
    const program = await bundleCommand(name);
    expect(program.length).toBeLessThanOrEqual(40_000);
    expect(program).not.toContain("<<");
    expect(program).toMatch(/^[\n\x20-\x7e]+$/);
  });

  test("bundles to the same bytes every time", async () => {
    expect(await bundleCommand(name)).toBe(await bundleCommand(name));
  });
});
