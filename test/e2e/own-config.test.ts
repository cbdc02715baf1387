import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compile } from "../../src/simulator/compiler/compile.ts";
import { readSecondHalf } from "../support/second-half.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

const orbs = new Map([["circleci/orb-tools@12.3.1", read("test/support/orb-tools.yml")]]);

function compiled(source: string, ref: Readonly<Record<string, string>>) {
  const values = { number: 7, "project.type": "github", ...ref };
  const result = compile({ source, orbs, parameters: {}, values });
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.config;
}

/** The names of the jobs that run, by workflow. */
function jobsOf(source: string, ref: Readonly<Record<string, string>>) {
  const { workflows } = compiled(source, ref);
  return Object.fromEntries(workflows.map(({ name, jobs }) => [name, jobs.map((job) => job.name)]));
}

/** What a job of the only workflow finds in its workspace. */
function workspaceOf(name: string, config: ReturnType<typeof compiled>): readonly string[] {
  const job = config.workflows[0]?.jobs.find((each) => each.name === name);
  if (job === undefined) throw new Error(`There is no job ${name}`);
  return job.requires.flatMap(({ job: required }) => {
    const key = config.workflows[0]?.jobs.find((each) => each.name === required)?.job;
    const steps = typeof key === "string" ? (config.jobs[key]?.steps ?? []) : [];
    const kept = steps.flatMap((step) => (step.kind === "persist_to_workspace" ? step.paths : []));
    return [...kept, ...workspaceOf(required, config)];
  });
}

const versions = ["20.19.4", "22.21.1", "24.18.0"].map((version) => `check-on-node-${version}`);
const checks = [...versions, "test", "build", "orb-tools/review", "orb-tools/continue"];
const trial = ["pack", "trigger-child", "wait-for-child", "judge-child", "wait-in-step"];

test("every branch and tag is checked, and tried in a real pipeline", () => {
  const setup = read(".circleci/config.yml");
  expect(jobsOf(setup, { "git.branch": "feature" })).toEqual({ "check-and-build": checks });
  expect(jobsOf(setup, { "git.tag": "v1.2.3" })).toEqual({ "check-and-build": checks });
});

test.each([
  ["a branch is published for developers only", { "git.branch": "feature" }, [...trial, "publish-dev"]],
  ["a forked pull request is not published", { "git.branch": "pull/12" }, trial],
  ["a version is published", { "git.tag": "v1.2.3" }, [...trial, "publish-orb", "publish-npm"]],
  ["any other tag is not", { "git.tag": "v1.2.3-rc1" }, trial],
])("%s", (_, ref, jobs) => {
  expect(jobsOf(readSecondHalf(), ref)).toEqual({ "test-deploy": jobs });
});

test.each([
  ["orb-tools/continue", "feature", () => read(".circleci/config.yml"), { "git.branch": "feature" }],
  ["publish-dev", "feature", readSecondHalf, { "git.branch": "feature" }],
  ["publish-orb", "v1.2.3", readSecondHalf, { "git.tag": "v1.2.3" }],
] as const)("%s finds the packed orb in the workspace of its own workflow, at %s", (job, _, source, ref) => {
  const config = compiled(source(), ref);
  const key = config.workflows[0]?.jobs.find(({ name }) => name === job)?.job ?? "";
  expect(config.jobs[key]?.steps).toContainEqual({ kind: "attach_workspace", at: "dist" });
  expect(workspaceOf(job, config)).toContain("orb_source.tar.gz");
});

test("everything is tested on Debian, which scripts/services installs its packages from", () => {
  const { jobs } = compiled(read(".circleci/config.yml"), { "git.branch": "feature" });
  const commands = jobs.test?.steps.flatMap((step) => (step.kind === "run" ? [step.command] : []));
  expect(commands).toEqual([expect.stringMatching(/docker run .*--privileged.* debian:12 .*\.ci\/run/s)]);
});
