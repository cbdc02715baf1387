import { describe, expect, it } from "vitest";
import {
  addJob,
  addWorkflow,
  app,
  ask,
  bot,
  compiledWith,
  makeApi,
  makePipeline,
  makeWorld,
  NOON,
  standalone,
  uuid,
} from "./world.ts";

const PIPELINE = {
  id: uuid(1),
  errors: [],
  project_slug: "gh/acme/app",
  updated_at: "2026-01-02T12:00:01.000Z",
  number: 1,
  trigger_parameters: {},
  state: "created",
  created_at: "2026-01-02T12:00:00.000Z",
  trigger: {
    type: "api",
    received_at: "2026-01-02T12:00:00.000Z",
    actor: { login: "release-bot", avatar_url: null },
  },
  vcs: {
    provider_name: "GitHub",
    origin_repository_url: "https://github.com/acme/app",
    target_repository_url: "https://github.com/acme/app",
    revision: "f454a02b5d10fcccfd7d9dd7608a76d6493a98b4",
    branch: "main",
  },
};

describe("projects and users", () => {
  it("shows a project", async () => {
    expect(await ask(makeApi(makeWorld()), "GET", "/api/v2/project/gh/acme/app")).toEqual({
      status: 200,
      body: {
        slug: "gh/acme/app",
        id: app.id,
        name: "app",
        organization_name: "acme",
        organization_slug: "gh/acme",
        organization_id: app.organizationId,
        vcs_info: { vcs_url: "https://github.com/acme/app", provider: "GitHub", default_branch: "main" },
      },
    });
  });

  it("shows a project whose slug is opaque", async () => {
    expect(await ask(makeApi(makeWorld()), "GET", `/api/v2/project/${standalone.slug}`)).toEqual({
      status: 200,
      body: {
        slug: standalone.slug,
        id: standalone.id,
        name: "44n9pujWcTnVZ2b5S8Fnat",
        organization_name: "43G3kM5RtfFE7v5sa4nWAU",
        organization_slug: "circleci/43G3kM5RtfFE7v5sa4nWAU",
        organization_id: standalone.organizationId,
        vcs_info: {
          vcs_url: `//circleci.com/${standalone.organizationId}/${standalone.id}`,
          provider: "CircleCI",
          default_branch: "main",
        },
      },
    });
  });

  it("takes both names of a provider, and slashes that are escaped", async () => {
    const api = makeApi(makeWorld([makePipeline(1)]));
    const short = await ask(api, "GET", "/api/v2/project/gh/acme/app/pipeline");
    expect(short.body).toEqual({ items: [PIPELINE], next_page_token: null });
    expect(await ask(api, "GET", "/api/v2/project/github/acme/app/pipeline")).toEqual(short);
    expect(await ask(api, "GET", "/api/v2/project/gh%2Facme%2Fapp/pipeline")).toEqual(short);
  });

  it("tells who owns the token, and who another user is", async () => {
    const human = { id: "d0000000-0000-4000-8000-000000000001", login: "human" };
    const pipeline = makePipeline(1);
    addJob(addWorkflow(pipeline, 2), 3, "hold", { approvedBy: human }, { type: "approval", job: null });
    const api = makeApi(makeWorld([pipeline]));
    expect(await ask(api, "GET", "/api/v2/me")).toEqual({
      status: 200,
      body: { id: bot.id, login: "release-bot", name: "release-bot" },
    });
    expect(await ask(api, "GET", `/api/v2/user/${human.id}`)).toEqual({
      status: 200,
      body: { id: human.id, login: "human", name: "human" },
    });
    expect(await ask(api, "GET", `/api/v2/user/${uuid(1)}`)).toEqual({
      status: 404,
      body: { message: "User not found" },
    });
  });
});

describe("pipelines", () => {
  it("shows a pipeline by its id and by its number", async () => {
    const api = makeApi(makeWorld([makePipeline(1)]));
    const answer = { status: 200, body: PIPELINE };
    expect(await ask(api, "GET", `/api/v2/pipeline/${uuid(1)}`)).toEqual(answer);
    expect(await ask(api, "GET", "/api/v2/project/gh/acme/app/pipeline/1")).toEqual(answer);
  });

  it("shows the errors of a pipeline, and its tag", async () => {
    const pipeline = makePipeline(1, {
      state: "errored",
      errors: [{ type: "config", message: "Unexpected argument(s): x" }],
      branch: null,
      tag: "v1",
    });
    const { branch: _, ...vcs } = PIPELINE.vcs;
    expect(await ask(makeApi(makeWorld([pipeline])), "GET", `/api/v2/pipeline/${uuid(1)}`)).toEqual({
      status: 200,
      body: {
        ...PIPELINE,
        state: "errored",
        errors: [{ type: "config", message: "Unexpected argument(s): x" }],
        vcs: { ...vcs, tag: "v1" },
      },
    });
  });

  it("shows no vcs for a project of GitHub App", async () => {
    const { vcs: _, ...rest } = PIPELINE;
    const api = makeApi(makeWorld([makePipeline(1, { project: standalone })]));
    expect(await ask(api, "GET", `/api/v2/pipeline/${uuid(1)}`)).toEqual({
      status: 200,
      body: {
        ...rest,
        project_slug: standalone.slug,
        trigger_parameters: {
          git: { checkout_sha: "f454a02b5d10fcccfd7d9dd7608a76d6493a98b4", branch: "main" },
        },
      },
    });
  });

  it("lists the pipelines of a project newest first, of one branch where asked", async () => {
    const develop = makePipeline(2, { branch: "develop" });
    const api = makeApi(makeWorld([makePipeline(1), develop, makePipeline(3)]));
    const numbers = async (query: string) => {
      const { body } = await ask(api, "GET", `/api/v2/project/gh/acme/app/pipeline${query}`);
      return (body as { items: { number: number }[] }).items.map(({ number }) => number);
    };
    expect(await numbers("")).toEqual([3, 2, 1]);
    expect(await numbers("?branch=develop")).toEqual([2]);
    expect(await numbers("?branch=gone")).toEqual([]);
  });

  it("shows values as a flat map of texts", async () => {
    const values = { id: uuid(1), number: 1, "git.branch": "main", "parameters.deploy": true };
    const api = makeApi(makeWorld([makePipeline(1, { values })]));
    expect(await ask(api, "GET", `/api/v2/pipeline/${uuid(1)}/values`)).toEqual({
      status: 200,
      body: { id: uuid(1), number: "1", "git.branch": "main", "parameters.deploy": "true" },
    });
  });

  it("shows the configuration, and that of the setup workflow where there is one", async () => {
    const compiled = compiledWith("test");
    const plain = makePipeline(1, { compiled });
    const dynamic = makePipeline(2, { source: "", setupSource: "setup: true", compiledSetup: compiled });
    const api = makeApi(makeWorld([plain, dynamic]));
    expect(await ask(api, "GET", `/api/v2/pipeline/${uuid(1)}/config`)).toEqual({
      status: 200,
      body: { source: "version: 2.1", compiled: "version: 2" },
    });
    expect(await ask(api, "GET", `/api/v2/pipeline/${uuid(2)}/config`)).toEqual({
      status: 200,
      body: {
        source: "",
        compiled: "",
        "setup-config": "setup: true",
        "compiled-setup-config": "version: 2",
      },
    });
  });
});

describe("workflows", () => {
  const WORKFLOW = {
    pipeline_id: uuid(1),
    id: uuid(2),
    name: "build",
    project_slug: "gh/acme/app",
    status: "running",
    started_by: bot.id,
    pipeline_number: 1,
    created_at: "2026-01-02T12:00:01.000Z",
    stopped_at: null,
    tag: null,
  };

  it("shows a workflow", async () => {
    const pipeline = makePipeline(1);
    addWorkflow(pipeline, 2);
    expect(await ask(makeApi(makeWorld([pipeline])), "GET", `/api/v2/workflow/${uuid(2)}`)).toEqual({
      status: 200,
      body: WORKFLOW,
    });
  });

  it("shows who canceled a workflow, its tag and its automatic reruns", async () => {
    const pipeline = makePipeline(1);
    addWorkflow(pipeline, 2, {
      status: "canceled",
      tag: "setup",
      canceledBy: bot,
      stoppedAt: NOON + 5000,
      autoRerunNumber: 1,
      maxAutoReruns: 3,
    });
    expect(await ask(makeApi(makeWorld([pipeline])), "GET", `/api/v2/workflow/${uuid(2)}`)).toEqual({
      status: 200,
      body: {
        ...WORKFLOW,
        status: "canceled",
        tag: "setup",
        canceled_by: bot.id,
        stopped_at: "2026-01-02T12:00:05.000Z",
        auto_rerun_number: 1,
        max_auto_reruns: 3,
      },
    });
  });

  it("lists the workflows of a pipeline newest first", async () => {
    const pipeline = makePipeline(1);
    addWorkflow(pipeline, 2);
    addWorkflow(pipeline, 3, { name: "deploy" });
    addWorkflow(pipeline, 4, { createdAt: NOON + 9000 });
    expect(await ask(makeApi(makeWorld([pipeline])), "GET", `/api/v2/pipeline/${uuid(1)}/workflow`)).toEqual({
      status: 200,
      body: {
        items: [
          { ...WORKFLOW, id: uuid(4), created_at: "2026-01-02T12:00:09.000Z" },
          WORKFLOW,
          { ...WORKFLOW, id: uuid(3), name: "deploy" },
        ],
        next_page_token: null,
      },
    });
  });
});

describe("jobs", () => {
  it("lists the jobs of a workflow, approvals with what it takes to approve them", async () => {
    const pipeline = makePipeline(1);
    const workflow = addWorkflow(pipeline, 2);
    const times = { startedAt: NOON + 2000, stoppedAt: NOON + 4000 };
    addJob(workflow, 3, "lint", { status: "success", number: 7, ...times });
    addJob(
      workflow,
      4,
      "hold",
      { status: "success", number: 8, ...times, approvedBy: bot },
      { type: "approval", job: null, requires: [{ job: "lint", statuses: ["success", "failed"] }] },
    );
    addJob(workflow, 5, "join", {}, { type: "no-op", job: null });
    expect(await ask(makeApi(makeWorld([pipeline])), "GET", `/api/v2/workflow/${uuid(2)}/job`)).toEqual({
      status: 200,
      body: {
        items: [
          {
            dependencies: [],
            requires: {},
            id: uuid(3),
            name: "lint",
            project_slug: "gh/acme/app",
            status: "success",
            type: "build",
            started_at: "2026-01-02T12:00:02.000Z",
            stopped_at: "2026-01-02T12:00:04.000Z",
            job_number: 7,
          },
          {
            dependencies: [uuid(3)],
            requires: { [uuid(3)]: ["success", "failed"] },
            id: uuid(4),
            name: "hold",
            project_slug: "gh/acme/app",
            status: "success",
            type: "approval",
            started_at: "2026-01-02T12:00:02.000Z",
            stopped_at: "2026-01-02T12:00:04.000Z",
            job_number: 8,
            approval_request_id: uuid(4),
            approved_by: bot.id,
          },
          {
            dependencies: [],
            requires: {},
            id: uuid(5),
            name: "join",
            project_slug: "gh/acme/app",
            status: "blocked",
            type: "no-op",
            started_at: null,
          },
        ],
        next_page_token: null,
      },
    });
  });

  it("shows a job by its number", async () => {
    const pipeline = makePipeline(1, { compiled: compiledWith("lint") });
    const workflow = addWorkflow(pipeline, 2);
    addJob(
      workflow,
      3,
      "lint",
      { status: "running", number: 7, startedAt: NOON + 2000 },
      { contexts: ["circleback"] },
    );
    const world = makeWorld([pipeline]);
    await world.clock.advance(5000);
    expect(await ask(makeApi(world), "GET", "/api/v2/project/gh/acme/app/job/7")).toEqual({
      status: 200,
      body: {
        web_url: `https://app.circleci.com/pipelines/github/acme/app/1/workflows/${uuid(2)}/jobs/7`,
        project: {
          id: app.id,
          slug: "gh/acme/app",
          name: "app",
          external_url: "https://github.com/acme/app",
        },
        parallel_runs: [
          { index: 0, status: "running" },
          { index: 1, status: "running" },
        ],
        started_at: "2026-01-02T12:00:02.000Z",
        latest_workflow: { id: uuid(2), name: "build" },
        name: "lint",
        executor: { resource_class: "small", type: "docker" },
        parallelism: 2,
        status: "running",
        number: 7,
        pipeline: { id: uuid(1) },
        duration: 3000,
        created_at: "2026-01-02T12:00:01.000Z",
        messages: [],
        contexts: [{ name: "circleback" }],
        organization: { name: "acme" },
        queued_at: "2026-01-02T12:00:02.000Z",
        stopped_at: null,
      },
    });
  });

  it("has no details of an approval job, though its number is in the list", async () => {
    const pipeline = makePipeline(1);
    const approval = { type: "approval", job: null } as const;
    addJob(addWorkflow(pipeline, 2), 3, "hold", { status: "on_hold", number: 8 }, approval);
    const api = makeApi(makeWorld([pipeline]));
    const answer = { status: 404, body: { message: "Job not found" } };
    expect(await ask(api, "GET", "/api/v2/project/gh/acme/app/job/8")).toEqual(answer);
    expect(await ask(api, "GET", "/api/v2/project/gh/acme/app/8/artifacts")).toEqual(answer);
  });
});

describe("what is not there", () => {
  it.each([
    ["GET", `/api/v2/pipeline/${uuid(9)}`, "Pipeline not found"],
    ["GET", "/api/v2/pipeline/no-uuid/workflow", "Pipeline not found"],
    ["GET", `/api/v2/workflow/${uuid(9)}/job`, "Workflow not found"],
    ["POST", `/api/v2/jobs/${uuid(9)}/cancel`, "Job not found"],
    ["GET", "/api/v2/project/gh/acme/app/pipeline/9", "Pipeline not found"],
    ["GET", "/api/v2/project/gh/acme/gone", "Project not found"],
    ["GET", "/api/v2/insights/gh/acme/app/workflows", "Not found"],
    ["GET", `/api/v2/workflow/${uuid(9)}/approve/${uuid(9)}`, "Not found"],
    ["POST", "/api/v2/project/gh%2Facme%2Fapp/pipeline/run", "Not found"],
    ["GET", "/", "Not found"],
  ])("answers %s %s with 404 %s", async (method, path, message) => {
    expect(await ask(makeApi(makeWorld()), method, path)).toEqual({ status: 404, body: { message } });
  });
});
