import { describe, expect, it } from "vitest";
import { Refusal } from "../../../src/simulator/engine/refusal.ts";
import {
  addJob,
  addWorkflow,
  app,
  ask,
  bot,
  makeApi,
  makePipeline,
  makeWorld,
  standalone,
  uuid,
} from "./world.ts";

const TRIGGER = "/api/v2/project/gh/acme/app/pipeline";
const DEFINITION = "2338d0ae-5541-4bbf-88a2-55e9f7281f80";

const TRIGGERED = {
  status: 201,
  body: { id: uuid(1), state: "pending", number: 1, created_at: "2026-01-02T12:00:00.000Z" },
};

describe("the classic trigger", () => {
  it("passes branch and typed parameters on, in the name of the token's owner", async () => {
    const world = makeWorld();
    const parameters = { text: "x", number: 3, flag: false };
    expect(await ask(makeApi(world), "POST", TRIGGER, { branch: "develop", parameters })).toEqual(TRIGGERED);
    expect(world.deeds).toEqual([
      {
        did: "trigger",
        request: { project: app, branch: "develop", tag: null, parameters, actor: bot, type: "api" },
      },
    ]);
  });

  it("takes no body at all for the default branch", async () => {
    const world = makeWorld();
    expect(await ask(makeApi(world), "POST", TRIGGER)).toEqual(TRIGGERED);
    expect(world.deeds).toEqual([
      {
        did: "trigger",
        request: { project: app, branch: null, tag: null, parameters: {}, actor: bot, type: "api" },
      },
    ]);
  });

  it("is not there for projects of GitHub App", async () => {
    const world = makeWorld();
    expect(await ask(makeApi(world), "POST", `/api/v2/project/${standalone.slug}/pipeline`, {})).toEqual({
      status: 400,
      body: { message: "Not available to projects that use GitLab or GitHub App." },
    });
    expect(world.deeds).toEqual([]);
  });

  const many = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`p${index}`, "x"]));
  it.each([
    ["{", "The request body is not valid JSON."],
    [[], "The request body is not a JSON object."],
    ["7", /^Invalid type: Expected Object but received 7$/],
    [{ branch: 7 }, /^branch: Invalid type: Expected string but received 7$/],
    [{ branch: "main", tag: "v1" }, "Give a branch or a tag, not both."],
    [{ parameters: [] }, "parameters: Parameters are an object."],
    [{ parameters: { x: null } }, "parameters.x: Parameter values are strings, integers or booleans."],
    [{ parameters: { x: { y: 1 } } }, "parameters.x: Parameter values are strings, integers or booleans."],
    [{ parameters: { x: 1.5 } }, "parameters.x: Parameter values are strings, integers or booleans."],
    [{ parameters: { x: "v".repeat(513) } }, "parameters.x: Parameter values have at most 512 characters."],
    [{ parameters: { ["k".repeat(129)]: "v" } }, /: Parameter names have at most 128 characters\.$/],
    [{ parameters: many }, "parameters: A pipeline takes at most 100 parameters."],
  ])("refuses %j", async (body, message) => {
    const world = makeWorld();
    const answer = await ask(makeApi(world), "POST", TRIGGER, body);
    expect(answer).toEqual({
      status: 400,
      body: { message: typeof message === "string" ? message : expect.stringMatching(message) },
    });
    expect(world.deeds).toEqual([]);
  });

  it("takes 100 parameters with names of 128 and values of 512 characters", async () => {
    const long = Object.fromEntries(
      Array.from({ length: 100 }, (_, index) => [`p${index}`.padEnd(128, "k"), "v".repeat(512)]),
    );
    expect(await ask(makeApi(makeWorld()), "POST", TRIGGER, { parameters: long })).toEqual(TRIGGERED);
  });
});

describe("the trigger by definition", () => {
  it.each([
    [
      { config: { branch: "main" }, checkout: { branch: "develop" } },
      { branch: "develop", tag: null },
    ],
    [{ config: { branch: "main" } }, { branch: "main", tag: null }],
    [
      { config: { branch: "main" }, checkout: { tag: "v2" } },
      { branch: null, tag: "v2" },
    ],
    [{}, { branch: null, tag: null }],
  ])("runs %j on %j", async (body, place) => {
    const world = makeWorld();
    const path = `/api/v2/project/${standalone.slug}/pipeline/run`;
    const parameters = { x: "y" };
    const answer = await ask(makeApi(world), "POST", path, {
      definition_id: DEFINITION,
      parameters,
      ...body,
    });
    expect(answer).toEqual(TRIGGERED);
    expect(world.deeds).toEqual([
      { did: "trigger", request: { project: standalone, ...place, parameters, actor: bot, type: "api" } },
    ]);
  });

  it.each([
    [{ definition_id: "7" }, /^definition_id: Invalid UUID/],
    [{ config: { branch: "main", tag: "v1" } }, /^config: Give a branch or a tag, not both\.$/],
    [{ checkout: "main" }, /^checkout: Invalid type/],
    [
      { config: { content: "version: 2.1" } },
      /^config: The simulator takes no configuration from a request\.$/,
    ],
  ])("refuses %j", async (body, message) => {
    const world = makeWorld();
    const path = "/api/v2/project/gh/acme/app/pipeline/run";
    expect(await ask(makeApi(world), "POST", path, body)).toEqual({
      status: 400,
      body: { message: expect.stringMatching(message) },
    });
    expect(world.deeds).toEqual([]);
  });
});

describe("the continuation", () => {
  it("needs its key and no token", async () => {
    const world = makeWorld();
    const body = { "continuation-key": "key", configuration: "version: 2.1", parameters: { x: 1 } };
    expect(await ask(makeApi(world), "POST", "/api/v2/pipeline/continue", body, {})).toEqual({
      status: 200,
      body: { message: "Accepted." },
    });
    expect(world.deeds).toEqual([
      { did: "continue", key: "key", source: "version: 2.1", parameters: { x: 1 } },
    ]);
  });

  it("is refused without a configuration", async () => {
    const world = makeWorld();
    const body = { "continuation-key": "key" };
    expect(await ask(makeApi(world), "POST", "/api/v2/pipeline/continue", body)).toEqual({
      status: 400,
      body: { message: expect.stringMatching(/^configuration: /) },
    });
    expect(world.deeds).toEqual([]);
  });
});

describe("a workflow", () => {
  function onHold() {
    const pipeline = makePipeline(1);
    const workflow = addWorkflow(pipeline, 2, { status: "on_hold" });
    addJob(workflow, 3, "hold", { status: "on_hold" }, { type: "approval", job: null });
    return makeWorld([pipeline]);
  }

  it("is approved", async () => {
    const world = onHold();
    expect(await ask(makeApi(world), "POST", `/api/v2/workflow/${uuid(2)}/approve/${uuid(3)}`)).toEqual({
      status: 202,
      body: { message: "Accepted." },
    });
    expect(world.deeds).toEqual([{ did: "approve", id: uuid(3), by: "release-bot" }]);
  });

  it("is not approved with a job of another one", async () => {
    const world = onHold();
    const other = addWorkflow(world.pipelines[0] ?? makePipeline(1), 4, { status: "on_hold" });
    addJob(other, 5, "hold", { status: "on_hold" }, { type: "approval", job: null });
    expect(await ask(makeApi(world), "POST", `/api/v2/workflow/${uuid(2)}/approve/${uuid(5)}`)).toEqual({
      status: 404,
      body: { message: "Job not found" },
    });
    expect(world.deeds).toEqual([]);
  });

  it.each([
    ["not-found", 404],
    ["bad-request", 400],
    ["conflict", 409],
  ] as const)("passes a refusal of kind %s on as %i", async (kind, status) => {
    const world = onHold();
    world.refusal = new Refusal(kind, "The engine said no.");
    expect(await ask(makeApi(world), "POST", `/api/v2/workflow/${uuid(2)}/approve/${uuid(3)}`)).toEqual({
      status,
      body: { message: "The engine said no." },
    });
  });

  it("lets a defect of the simulator through instead of answering for it", async () => {
    const world = onHold();
    world.refusal = new Error("defect");
    const api = makeApi(world);
    await expect(ask(api, "POST", `/api/v2/workflow/${uuid(2)}/cancel`)).rejects.toThrow("defect");
    expect(api.requests.map(({ status }) => status)).toEqual([500]);
  });

  it("is canceled, and a job of it", async () => {
    const world = onHold();
    const api = makeApi(world);
    expect(await ask(api, "POST", `/api/v2/workflow/${uuid(2)}/cancel`)).toEqual({
      status: 202,
      body: { message: "Accepted." },
    });
    expect(await ask(api, "POST", `/api/v2/jobs/${uuid(3)}/cancel`)).toEqual({
      status: 200,
      body: { message: "Job canceled successfully." },
    });
    expect(world.deeds).toEqual([
      { did: "cancel-workflow", id: uuid(2), by: "release-bot" },
      { did: "cancel-job", id: uuid(3), by: "release-bot" },
    ]);
  });

  it.each([
    [undefined, "all"],
    [{}, "all"],
    [{ from_failed: false }, "all"],
    [{ from_failed: true }, "from-failed"],
    [{ jobs: [uuid(3)], enable_ssh: true }, { jobs: [uuid(3)] }],
  ])("is rerun with %j: %j", async (body, what) => {
    const world = onHold();
    expect(await ask(makeApi(world), "POST", `/api/v2/workflow/${uuid(2)}/rerun`, body)).toEqual({
      status: 202,
      body: { workflow_id: uuid(999) },
    });
    expect(world.deeds).toEqual([{ did: "rerun", id: uuid(2), what, by: "release-bot" }]);
  });

  it.each([
    [{ from_failed: true, jobs: [uuid(3)] }, "from_failed and jobs exclude each other."],
    [{ enable_ssh: true }, "enable_ssh needs jobs."],
    [{ from_failed: true, sparse_tree: true }, "sparse_tree needs jobs."],
    [{ from_failed: "yes" }, 'from_failed: Invalid type: Expected boolean but received "yes"'],
  ])("is not rerun with %j", async (body, message) => {
    const world = onHold();
    expect(await ask(makeApi(world), "POST", `/api/v2/workflow/${uuid(2)}/rerun`, body)).toEqual({
      status: 400,
      body: { message },
    });
    expect(world.deeds).toEqual([]);
  });
});
