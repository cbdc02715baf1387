import { describe, expect, test } from "vitest";
import { outline } from "../../support/slack-model/outline.ts";
import { createSlackWorld, failedMark } from "./slack-world.ts";

type Jobs = Readonly<Record<string, string>>;

/** A workflow that began ten minutes ago, with this job among the others. */
function createWorkflow(jobs: Jobs, options: Parameters<typeof createSlackWorld>[0] = {}) {
  const calls: string[] = [];
  const items = Object.entries({ tell: "running", ...jobs }).map(([name, status], index) => ({
    id: name === "tell" ? "job-1" : `id-${name}`,
    name,
    status,
    type: name === "approve" ? "approval" : "build",
    job_number: index + 10,
    project_slug: "gh/acme/shop",
    ...(name === "deploy" && { dependencies: ["id-test"], requires: { "id-test": ["success"] } }),
  }));
  const workflow = {
    id: "workflow-1",
    name: "release",
    project_slug: "gh/acme/shop",
    pipeline_id: "pipeline-1",
    pipeline_number: 42,
    status: "running",
    created_at: "2025-12-31T23:50:00Z",
  };
  const world = createSlackWorld({
    ...options,
    env: { CIRCLE_TOKEN: "the-token-of-circleci", CIRCLE_JOB: "tell", ...options.env },
    circleci: async (url) => {
      const { pathname } = new URL(url);
      calls.push(pathname);
      const answer = pathname.endsWith("/job") ? { items, next_page_token: null } : workflow;
      return new Response(JSON.stringify(answer));
    },
  });
  return { ...world, apiCalls: calls };
}

const link = (job: string, number: number) =>
  `<https://app.circleci.com/pipelines/github/acme/shop/42/workflows/workflow-1/jobs/${number}|${job}>`;

describe("the result of a whole workflow", () => {
  test("names the jobs that failed, the worst first, with links", async () => {
    const world = createWorkflow({ build: "success", lint: "canceled", test: "failed", deploy: "not_run" });
    await world.tell({ "result-of": "workflow" });
    const [posted] = world.model.messages;
    expect([world.apiCalls.toSorted(), posted?.text, posted && outline(posted)]).toEqual([
      ["/api/v2/workflow/workflow-1", "/api/v2/workflow/workflow-1/job"],
      "Workflow release has failed: acme/shop, develop",
      [
        ":x: *Workflow release has failed*",
        '*Project*: "acme/shop"',
        '*Branch*: "develop"',
        '*Commit*: "0123456"',
        '*Author*: "anna"',
        '*When*: "2026-01-01 00:00:00 UTC"',
        '*Duration*: "10m"',
        `*Failed jobs*\n• ${link("test", 13)} failed\n• ${link("lint", 12)} canceled`,
        '["View workflow"] https://circleci.com/workflow-run/workflow-1',
      ],
    ]);
  });

  test("names last what CircleCI has skipped although it was due", async () => {
    const world = createWorkflow({ later: "not_run", lint: "canceled" });
    await world.tell({ "result-of": "workflow" });
    expect(world.model.messages.flatMap(outline).filter((line) => line.startsWith("*Failed"))).toEqual([
      `*Failed jobs*\n• ${link("lint", 12)} canceled\n• ${link("later", 11)} not_run`,
    ]);
  });

  test.each([
    [{ build: "success", test: "success" }, {}, ":white_check_mark: *Workflow release has succeeded*"],
    [{ build: "canceled" }, {}, ":x: *Workflow release was cancelled*"],
    [{ build: "success" }, { files: failedMark }, ":x: *Workflow release has failed*"],
  ])("of %j is told as it is", async (jobs, options, headline) => {
    const world = createWorkflow(jobs, options);
    await world.tell({ "result-of": "workflow" });
    expect(world.model.messages.map((each) => outline(each)[0])).toEqual([headline]);
  });

  test("stays readable when everything fails", async () => {
    const names = Array.from({ length: 200 }, (_, index) => [`job-with-a-long-name-${index}`, "failed"]);
    const world = createWorkflow(Object.fromEntries(names));
    const { exit } = await world.tell({ "result-of": "workflow" });
    const list = world.model.messages.flatMap(outline).find((line) => line.startsWith("*Failed jobs*"));
    expect([exit, list?.split("\n").length, list?.split("\n").at(-1)]).toEqual([0, 17, "• and 185 more"]);
  });

  test("warns that the workflow has not ended", async () => {
    const { lines } = await createWorkflow({ build: "running" }).tell({ "result-of": "workflow" });
    expect(lines[0]).toBe(
      "Warning: This workflow has not ended: build is running. Let this job require these jobs as well, with the status `terminal`.",
    );
  });

  test("is not made up where the API cannot be asked", async () => {
    const world = createWorkflow({ build: "success" }, { env: { CIRCLE_TOKEN: "" } });
    const { exit, lines, calls } = await world.tell({ "result-of": "workflow" });
    expect([exit, lines[0], calls]).toEqual([
      0,
      "Warning: The environment variable CIRCLE_TOKEN is not set. (circleci.unauthorized)",
      [],
    ]);
  });
});
