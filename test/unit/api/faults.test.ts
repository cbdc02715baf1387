import { describe, expect, it } from "vitest";
import type { FaultEffect } from "../../../src/simulator/scenario/scenario.ts";
import {
  addJob,
  addWorkflow,
  ask,
  makeApi,
  makeFault,
  makePipeline,
  makeWorld,
  NOON,
  uuid,
} from "./world.ts";

const TRIGGER = "/api/v2/project/gh/acme/app/pipeline";
const TRIGGERED = {
  status: 201,
  body: { id: uuid(1), state: "pending", number: 1, created_at: "2026-01-02T12:00:00.000Z" },
};

function fetchRaw(api: ReturnType<typeof makeApi>, method: string, path: string, job: string | null = null) {
  const request = new Request(`http://127.0.0.1:1${path}`, { method, headers: { "circle-token": "good" } });
  return api.fetch(request, job);
}

describe("which fault meets a request", () => {
  it("is the first that matches and is not used up, and each is counted", async () => {
    const world = makeWorld();
    const api = makeApi(world, [
      makeFault("GET", TRIGGER, { status: 500 }),
      makeFault("POST", "/api/v2/project/*/acme/*/pipeline", { status: 502 }, { times: 2 }),
      makeFault("POST", TRIGGER, { status: 503 }),
      makeFault("POST", "/api/v2/*/pipeline", { status: 504 }),
    ]);
    const statuses = [];
    for (let turn = 0; turn < 4; turn++) statuses.push((await ask(api, "POST", `${TRIGGER}?x=1`)).status);
    expect(statuses).toEqual([502, 502, 503, 201]);
    expect(api.faultsFired).toEqual([0, 2, 1, 0]);
    expect(api.requests.map(({ fault }) => fault)).toEqual([1, 1, 2, null]);
  });

  it("may be meant for the requests of one job only", async () => {
    const pipeline = makePipeline(1);
    const workflow = addWorkflow(pipeline, 2);
    addJob(workflow, 3, "test");
    addJob(workflow, 4, "approve");
    const api = makeApi(makeWorld([pipeline]), [
      makeFault("GET", "/api/v2/me", { status: 500 }, { job: "approve" }),
    ]);
    expect((await fetchRaw(api, "GET", "/api/v2/me")).status).toBe(200);
    expect((await fetchRaw(api, "GET", "/api/v2/me", uuid(3))).status).toBe(200);
    expect((await fetchRaw(api, "GET", "/api/v2/me", uuid(4))).status).toBe(500);
    expect(api.requests.map(({ job, fault }) => ({ job, fault }))).toEqual([
      { job: null, fault: null },
      { job: uuid(3), fault: null },
      { job: uuid(4), fault: 0 },
    ]);
  });

  it("meets the requests of every job unless one is named", async () => {
    const pipeline = makePipeline(1);
    addJob(addWorkflow(pipeline, 2), 3, "test");
    const api = makeApi(makeWorld([pipeline]), [
      makeFault("GET", "/api/v2/me", { status: 500 }, { times: 2 }),
    ]);
    expect((await fetchRaw(api, "GET", "/api/v2/me", uuid(3))).status).toBe(500);
    expect((await fetchRaw(api, "GET", "/api/v2/me")).status).toBe(500);
  });
});

describe("a fault", () => {
  it.each<[Partial<FaultEffect>, number, string, string]>([
    [{ status: 502 }, 502, "application/json", '{"message":"Bad Gateway"}'],
    [{ status: 500, body: "<html>" }, 500, "text/plain", "<html>"],
    [{ status: 400, body: { message: "no" } }, 400, "application/json", '{"message":"no"}'],
    [{ status: 500, body: "", headers: { "content-type": "text/html" } }, 500, "text/html", ""],
    [
      { status: 200, body: { message: "Ignoring pipeline due to CI skip in the commit" } },
      200,
      "application/json",
      '{"message":"Ignoring pipeline due to CI skip in the commit"}',
    ],
  ])("answers %j before the request has any effect", async (effect, status, type, text) => {
    const world = makeWorld();
    const answer = await fetchRaw(makeApi(world, [makeFault("POST", TRIGGER, effect)]), "POST", TRIGGER);
    expect([answer.status, answer.headers.get("content-type"), await answer.text()]).toEqual([
      status,
      type,
      text,
    ]);
    expect(world.deeds).toEqual([]);
  });

  it("answers as a rate limit does", async () => {
    const headers = { "Retry-After": "3", "RateLimit-Remaining": "0" };
    const api = makeApi(makeWorld(), [makeFault("GET", "/api/v2/me", { status: 429, headers })]);
    const answer = await fetchRaw(api, "GET", "/api/v2/me");
    expect(Object.fromEntries(answer.headers)).toEqual({
      "content-type": "application/json",
      "retry-after": "3",
      "ratelimit-remaining": "0",
    });
  });

  it("adds headers to the true answer where it has no other", async () => {
    const headers = { "X-RateLimit-Remaining-Second": "7" };
    const api = makeApi(makeWorld(), [makeFault("POST", TRIGGER, { headers })]);
    const answer = await fetchRaw(api, "POST", TRIGGER);
    expect([answer.status, answer.headers.get("x-ratelimit-remaining-second"), await answer.json()]).toEqual([
      201,
      "7",
      TRIGGERED.body,
    ]);
  });

  it("lets the request take effect before another answer is given", async () => {
    const world = makeWorld();
    const api = makeApi(world, [makeFault("POST", TRIGGER, { status: 502, afterAccepted: true })]);
    expect(await ask(api, "POST", TRIGGER)).toEqual({ status: 502, body: { message: "Bad Gateway" } });
    expect(world.deeds.map(({ did }) => did)).toEqual(["trigger"]);
  });

  it("cuts the connection before the request has any effect", async () => {
    const world = makeWorld();
    const api = makeApi(world, [makeFault("POST", TRIGGER, { drop: true })]);
    await expect(ask(api, "POST", TRIGGER)).rejects.toThrow(new TypeError("fetch failed"));
    expect(world.deeds).toEqual([]);
    expect(api.requests).toEqual([
      { at_ms: 0, method: "POST", path: TRIGGER, status: null, job: null, fault: 0 },
    ]);
  });

  it("cuts the connection after the request has taken effect", async () => {
    const world = makeWorld();
    const api = makeApi(world, [makeFault("POST", TRIGGER, { drop: true, afterAccepted: true })]);
    await expect(ask(api, "POST", TRIGGER)).rejects.toThrow(new TypeError("fetch failed"));
    expect(world.deeds.map(({ did }) => did)).toEqual(["trigger"]);
  });

  it("holds the true answer back for a while", async () => {
    const world = makeWorld();
    const api = makeApi(world, [makeFault("POST", TRIGGER, { delay: 3000 })]);
    const answered: number[] = [];
    const answer = ask(api, "POST", TRIGGER).then((given) => {
      answered.push(world.clock.now() - NOON);
      return given;
    });
    await world.clock.advance(2999);
    expect({ deeds: world.deeds.length, answered }).toEqual({ deeds: 1, answered: [] });
    await world.clock.advance(1);
    expect(await answer).toEqual(TRIGGERED);
    expect(answered).toEqual([3000]);
  });

  it("holds another answer back", async () => {
    const world = makeWorld();
    const api = makeApi(world, [makeFault("POST", TRIGGER, { delay: 3000, status: 504 })]);
    const answer = ask(api, "POST", TRIGGER);
    await world.clock.advance(3000);
    expect(await answer).toEqual({ status: 504, body: { message: "Gateway Timeout" } });
    expect(world.deeds).toEqual([]);
  });

  it("ends a waiting request when everything is closed", async () => {
    const api = makeApi(makeWorld(), [makeFault("GET", "/api/v2/me", { delay: 3000 })]);
    const answer = expect(ask(api, "GET", "/api/v2/me")).rejects.toThrow(new TypeError("fetch failed"));
    await new Promise(setImmediate);
    api.cutWaiting();
    await answer;
    expect(api.requests.map(({ status }) => status)).toEqual([null]);
  });

  it("answers with the state of a while ago", async () => {
    const world = makeWorld([makePipeline(1)]);
    world.past.pipelines = [makePipeline(1, { state: "pending" })];
    await world.clock.advance(5000);
    const api = makeApi(world, [makeFault("GET", "/api/v2/pipeline/*", { stale: 2000 })]);
    const states = [];
    for (let turn = 0; turn < 2; turn++) {
      states.push(await ask(api, "GET", `/api/v2/pipeline/${uuid(1)}`));
    }
    expect(states).toEqual([
      { status: 200, body: expect.objectContaining({ state: "pending" }) },
      { status: 200, body: expect.objectContaining({ state: "created" }) },
    ]);
    expect(world.past.asked).toEqual([NOON + 3000]);
  });
});

describe("the log of requests", () => {
  it("tells each request once it is answered, with the time since the beginning", async () => {
    const world = makeWorld();
    const api = makeApi(world);
    const told: unknown[] = [];
    const stop = api.onRequest((request) => told.push(request));
    await world.clock.advance(1500);
    await ask(api, "GET", "/api/v2/me?x=1");
    stop();
    await ask(api, "GET", "/nowhere");
    const first = { at_ms: 1500, method: "GET", path: "/api/v2/me?x=1", status: 200, job: null, fault: null };
    expect(told).toEqual([first]);
    expect(api.requests).toEqual([first, { ...first, path: "/nowhere", status: 404 }]);
  });
});
