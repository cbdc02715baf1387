import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compile } from "../../src/simulator/compiler/compile.ts";
import { readSecondHalf } from "../support/second-half.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

const orbs = new Map([["circleci/orb-tools@12.3.1", read("test/support/orb-tools.yml")]]);

/** The names of the jobs that run, by workflow. */
function jobsOf(source: string, ref: Readonly<Record<string, string>>) {
  const values = { number: 7, "project.type": "github", ...ref };
  const result = compile({ source, orbs, parameters: {}, values });
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return Object.fromEntries(
    result.config.workflows.map(({ name, jobs }) => [name, jobs.map((job) => job.name)]),
  );
}

const versions = ["20.19.4", "22.21.1", "24.18.0"].map((version) => `check-on-node-${version}`);
const checks = [...versions, "test", "build", "orb-tools/review", "orb-tools/continue"];
const trial = ["trigger-child", "wait-for-child", "judge-child", "wait-in-step"];

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
