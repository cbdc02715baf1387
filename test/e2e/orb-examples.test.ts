import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import type { Report } from "../../src/simulator/report/report.ts";
import { packedOrb } from "../support/bundle.ts";
import { listJobs } from "../support/loop.ts";
import { type Projects, runProjects } from "../support/simulator.ts";

/**
 * The usage examples of the orb's page that need nothing but CircleCI, as they are. What needs AWS, hosts or a
 * cluster runs as the projects of `examples`.
 */

function example(name: string): string {
  const file = join(import.meta.dirname, "../../orb/examples", `${name}.yml`);
  // Nothing of the project's own is there to be tested.
  return stringify(parse(readFileSync(file, "utf8")).usage).replaceAll("npm ci && npm test", "sleep 1");
}

async function play(projects: Projects, scenario: object = {}): Promise<Report> {
  const usual = {
    orbs: { "acme/circleback@1.0": await packedOrb() },
    tokens: { "the-token": { login: "release-bot", projects: ["gh/acme/*", "circleci/*/*"] } },
    contexts: {
      circleback: { CIRCLE_TOKEN: "the-token", CIRCLEBACK_SIGNING_SECRET: "a secret of both sides" },
    },
    trigger: [{ project: "gh/acme/app" }],
  };
  return runProjects(projects, stringify({ ...usual, ...scenario }), { timeout: 90_000 });
}

/** How each job ended, by its name. */
function endings(report: Report): Readonly<Record<string, string | null>> {
  return Object.fromEntries(listJobs(report).map(({ name, status }) => [name, status]));
}

const integration = "gh/acme/integration";

const parentAndChild = {
  "trigger-integration": "success",
  "wait-for-integration": "success",
  "check-integration": "success",
  test: "success",
  "circleback/approve-in-parent": "success",
};

describe.concurrent("the examples of the orb's page run:", { timeout: 180_000 }, () => {
  test("trigger-and-wait and child, together", async () => {
    const report = await play({
      "gh/acme/app": example("trigger-and-wait"),
      [integration]: example("child"),
    });
    expect([report.outcome, endings(report)]).toEqual(["success", parentAndChild]);
  });

  test("signed-tickets, with the same parent", async () => {
    const report = await play({
      "gh/acme/app": example("trigger-and-wait"),
      [integration]: example("signed-tickets"),
    });
    expect([report.outcome, endings(report)]).toEqual(["success", parentAndChild]);
  });

  test("two-children", async () => {
    const report = await play({
      "gh/acme/app": example("two-children"),
      [integration]: example("child"),
      "gh/acme/website": example("child"),
    });
    expect([report.outcome, report.pipelines.length]).toEqual(["success", 3]);
    expect(endings(report)).toMatchObject({
      "wait-for-integration": "success",
      "wait-for-website": "success",
      "check-children": "success",
    });
  });

  test("poll, with a child that knows nothing of circleback", async () => {
    const stranger = parse(example("child"));
    const plain = { version: 2.1, jobs: stranger.jobs, workflows: { integration: { jobs: ["test"] } } };
    const report = await play({ "gh/acme/app": example("poll"), [integration]: stringify(plain) });
    expect([report.outcome, endings(report)]).toEqual([
      "success",
      { "run-integration": "success", test: "success" },
    ]);
  });

  test("github-app", async () => {
    const parent = example("github-app");
    const [, slug = ""] = /project: (circleci\S+)/.exec(parent) ?? [];
    const report = await play({ "gh/acme/app": parent, [slug]: example("child") });
    expect([report.outcome, endings(report)]).toEqual(["success", parentAndChild]);
  });

  test("sweep, which finds a child that was cancelled", async () => {
    const report = await play(
      {
        "gh/acme/app": example("trigger-and-wait"),
        "gh/acme/website": example("child"),
        "gh/acme/sweeper": example("sweep"),
        [integration]: example("child").replace("sleep 1", "sleep 60"),
      },
      {
        events: [
          {
            on: { project: integration, job: "test", status: "running" },
            do: "cancel-workflow",
            delay: "3s",
          },
          {
            on: { project: integration, workflow: "integration", status: "canceled" },
            do: "trigger",
            with: { project: "gh/acme/sweeper", parameters: { sweep: true } },
            delay: "1s",
          },
        ],
      },
    );
    expect(endings(report)).toMatchObject({
      "sweep-parents": "success",
      "wait-for-integration": "success",
      "check-integration": "failed",
    });
    expect(report.outcome).toBe("failed");
  });
});
