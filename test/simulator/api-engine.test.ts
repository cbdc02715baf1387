import { afterEach, describe, expect, it } from "vitest";
import { Api } from "../../src/simulator/api/api.ts";
import { type ApiServer, openApi } from "../../src/simulator/api/server.ts";
import type { Engine } from "../../src/simulator/engine/engine.ts";
import type { Fault, FaultEffect } from "../../src/simulator/scenario/scenario.ts";
import { job, makeWorld, pickJob, pickWorkflow, type Source, workflow } from "../support/engine-world.ts";

/** The API over the real engine, on a clock that jumps. */

const tokens = [{ token: "good", login: "release-bot", projects: ["gh/acme/*"] }];
const TRIGGER = "/api/v2/project/gh/acme/app/pipeline";

const sources: Readonly<Record<string, Source>> = {
  config: {
    parameters: { mode: "fast" },
    workflows: [
      workflow("build", [job("test"), job("hold", ["test"], { type: "approval" }), job("ship", ["hold"])]),
    ],
  },
  "setup config": { setup: true, workflows: [workflow("setup", [job("generate")])] },
  continued: { workflows: [workflow("go-on", [job("test")])] },
};

const plainEffect: FaultEffect = {
  status: null,
  body: undefined,
  headers: {},
  delay: 0,
  drop: false,
  afterAccepted: false,
  stale: 0,
};

interface Listed {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly approved_by?: string;
}

/** What these tests look at in answers. */
interface Body {
  readonly id: string;
  readonly state: string;
  readonly errors: readonly unknown[];
  readonly items: readonly Listed[];
  readonly workflow_id: string;
}

function open(options: Partial<Parameters<typeof makeWorld>[0]> = {}, faults: readonly Fault[] = []) {
  const world = makeWorld({ sources, ...options });
  const api = new Api({ engine: world.engine, tokens, faults });
  async function ask(method: string, path: string, body?: object) {
    const answer = await api.fetch(
      new Request(`http://127.0.0.1:1${path}`, {
        method,
        headers: { "circle-token": "good" },
        ...(body && { body: JSON.stringify(body) }),
      }),
      null,
    );
    return { status: answer.status, body: (await answer.json()) as Body };
  }
  async function list(path: string): Promise<readonly Listed[]> {
    return (await ask("GET", path)).body.items;
  }
  async function statuses(path: string) {
    return Object.fromEntries((await list(path)).map(({ name, status }) => [name, status]));
  }
  /** Triggers, and lets everything happen until the hold waits. */
  async function triggerUntilHold() {
    const { body } = await ask("POST", TRIGGER, {});
    await world.clock.runUntilIdle();
    const [pipeline] = world.engine.pipelines;
    if (pipeline === undefined) throw new Error("nothing was triggered");
    const run = pickWorkflow(pipeline);
    return { pipeline: body.id, workflow: run.id, hold: pickJob(run, "hold").id };
  }
  return { ...world, api, ask, list, statuses, triggerUntilHold };
}

describe("the API over the engine", () => {
  it("goes from trigger to hold, and from approval to the end", async () => {
    const { ask, statuses, triggerUntilHold, clock } = open();
    const { pipeline, workflow: run, hold } = await triggerUntilHold();
    const jobs = `/api/v2/workflow/${run}/job`;
    expect(await statuses(jobs)).toEqual({ test: "success", hold: "on_hold", ship: "blocked" });
    expect((await ask("POST", `/api/v2/workflow/${run}/approve/${hold}`)).status).toBe(202);
    await clock.runUntilIdle();
    expect(await statuses(jobs)).toEqual({ test: "success", hold: "success", ship: "success" });
    expect(await statuses(`/api/v2/pipeline/${pipeline}/workflow`)).toEqual({ build: "success" });
    expect((await ask("POST", `/api/v2/workflow/${run}/approve/${hold}`)).status).toBe(400);
  });

  it("names who approved, and lets that be looked up", async () => {
    const { ask, triggerUntilHold, clock } = open();
    const { workflow: run, hold } = await triggerUntilHold();
    await ask("POST", `/api/v2/workflow/${run}/approve/${hold}`);
    await clock.runUntilIdle();
    const { body } = await ask("GET", `/api/v2/workflow/${run}/job`);
    const approvedBy = body.items.find(({ id }) => id === hold)?.approved_by;
    const me = await ask("GET", "/api/v2/me");
    expect([me.status, await ask("GET", `/api/v2/user/${approvedBy}`)]).toEqual([200, me]);
  });

  it("refuses a branch that the project does not have", async () => {
    const { ask, engine } = open();
    expect(await ask("POST", TRIGGER, { branch: "gone" })).toEqual({
      status: 400,
      body: { message: "Branch not found" },
    });
    expect(engine.pipelines).toEqual([]);
  });

  it("answers 201 to an undeclared parameter, and shows the error with the pipeline", async () => {
    const { ask, clock } = open();
    const { status, body } = await ask("POST", TRIGGER, { parameters: { nobody: "x" } });
    expect([status, body.state]).toEqual([201, "pending"]);
    await clock.runUntilIdle();
    const pipeline = await ask("GET", `/api/v2/pipeline/${body.id}`);
    expect([pipeline.body.state, pipeline.body.errors.length]).toEqual(["errored", 1]);
    expect(await ask("GET", `/api/v2/pipeline/${body.id}/workflow`)).toEqual({
      status: 200,
      body: { items: [], next_page_token: null },
    });
  });

  it("shows parameters among the values", async () => {
    const { ask, clock } = open();
    const { body } = await ask("POST", TRIGGER, { parameters: { mode: "slow" } });
    await clock.runUntilIdle();
    const values = await ask("GET", `/api/v2/pipeline/${body.id}/values`);
    expect(values.body).toMatchObject({ id: body.id, number: "1", "parameters.mode": "slow" });
  });

  it("cancels a hold, which makes the workflow end", async () => {
    const { ask, statuses, triggerUntilHold, clock } = open();
    const { workflow: run, hold } = await triggerUntilHold();
    expect((await ask("POST", `/api/v2/jobs/${hold}/cancel`)).status).toBe(200);
    await clock.runUntilIdle();
    expect((await statuses(`/api/v2/workflow/${run}/job`)).hold).toBe("canceled");
    expect((await ask("POST", `/api/v2/jobs/${hold}/cancel`)).status).toBe(400);
  });

  it("reruns from failed: the new workflow is listed first and keeps the jobs that are not repeated", async () => {
    const script = { ship: [{ outcome: "failed" } as const] };
    const { ask, list, statuses, triggerUntilHold, clock } = open({ script });
    const { pipeline, workflow: run, hold } = await triggerUntilHold();
    await ask("POST", `/api/v2/workflow/${run}/approve/${hold}`);
    await clock.runUntilIdle();
    const rerun = await ask("POST", `/api/v2/workflow/${run}/rerun`, { from_failed: true });
    expect(rerun.status).toBe(202);
    await clock.runUntilIdle();
    const runs = await list(`/api/v2/pipeline/${pipeline}/workflow`);
    expect(runs.map(({ id, status }) => [id, status])).toEqual([
      [rerun.body.workflow_id, "success"],
      [run, "failed"],
    ]);
    const kept = (await list(`/api/v2/workflow/${rerun.body.workflow_id}/job`)).find(({ id }) => id === hold);
    expect(kept?.status).toBe("success");
    expect(await statuses(`/api/v2/workflow/${run}/job`)).toMatchObject({ ship: "failed" });
  });

  it("continues a pipeline from its setup workflow, once", async () => {
    const answers: unknown[] = [];
    const act = async ({ continuationKey }: { readonly continuationKey: string | null }) => {
      const body = { "continuation-key": continuationKey, configuration: "continued" };
      answers.push(await world.ask("POST", "/api/v2/pipeline/continue", body));
      answers.push(await world.ask("POST", "/api/v2/pipeline/continue", body));
    };
    const world = open({ texts: { "gh/acme/app": "setup config" }, script: { generate: [{ act }] } });
    const { body } = await world.ask("POST", TRIGGER, {});
    await world.clock.runUntilIdle();
    expect(answers).toEqual([
      { status: 200, body: { message: "Accepted." } },
      { status: 409, body: { message: "Pipeline is not in setup state" } },
    ]);
    expect(await world.statuses(`/api/v2/pipeline/${body.id}/workflow`)).toEqual({
      setup: "success",
      "go-on": "success",
    });
    expect((await world.ask("GET", `/api/v2/pipeline/${body.id}/config`)).body).toEqual({
      source: "continued",
      compiled: "",
      "setup-config": "setup config",
      "compiled-setup-config": "",
    });
  });

  it("answers with the state of a while ago, where nothing yet was there too", async () => {
    const fault = (path: string, stale: number): Fault => ({
      method: "GET",
      path,
      times: 1,
      job: null,
      effect: { ...plainEffect, stale },
      source: {},
    });
    const { ask, statuses, triggerUntilHold, clock } = open({}, [
      fault("/api/v2/workflow/*/job", 2000),
      fault("/api/v2/pipeline/*", 3_600_000),
    ]);
    const { pipeline, workflow: run, hold } = await triggerUntilHold();
    await clock.advance(5000);
    await ask("POST", `/api/v2/workflow/${run}/approve/${hold}`);
    await clock.advance(1500);
    const jobs = `/api/v2/workflow/${run}/job`;
    expect(await statuses(jobs)).toEqual({ test: "success", hold: "on_hold", ship: "blocked" });
    expect(await statuses(jobs)).toEqual({ test: "success", hold: "success", ship: "success" });
    expect((await ask("GET", `/api/v2/pipeline/${pipeline}`)).status).toBe(404);
    expect((await ask("GET", `/api/v2/pipeline/${pipeline}`)).status).toBe(200);
  });

  it("lets what is accepted happen although the connection is cut", async () => {
    const effect = { ...plainEffect, drop: true, afterAccepted: true };
    const fault: Fault = { method: "POST", path: TRIGGER, times: 1, job: null, effect, source: {} };
    const { ask, engine, clock } = open({}, [fault]);
    await expect(ask("POST", TRIGGER, {})).rejects.toThrow("fetch failed");
    await clock.runUntilIdle();
    expect(engine.pipelines.map(({ state }) => state)).toEqual(["created"]);
  });
});

describe("the API on sockets", () => {
  const servers: ApiServer[] = [];

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  async function serve(engine: Engine, faults: readonly Fault[]): Promise<ApiServer> {
    const server = await openApi({ engine, tokens, faults });
    servers.push(server);
    return server;
  }

  it("meets the requests of one job by its name, and leaves those of another alone", async () => {
    const { engine, clock, runner, trigger } = makeWorld({
      sources: { config: { workflows: [workflow("build", [job("one"), job("two")])] } },
    });
    const effect = { ...plainEffect, status: 503 };
    const fault: Fault = { method: "GET", path: "/api/v2/me", times: 1, job: "two", effect, source: {} };
    const server = await serve(engine, [fault]);
    trigger();
    await clock.runUntilIdle();
    const answers: [string, number][] = [];
    for (const { id, name } of runner.assignments) {
      const url = `${await server.urlForJob(id)}/api/v2/me`;
      answers.push([name, (await fetch(url, { headers: { "circle-token": "good" } })).status]);
    }
    expect(answers).toEqual([
      ["one", 200],
      ["two", 503],
    ]);
    expect(server.api.requests.map((request) => request.job)).toEqual(runner.assignments.map(({ id }) => id));
  });
});
