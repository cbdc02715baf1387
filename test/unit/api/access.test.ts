import { describe, expect, it } from "vitest";
import { addJob, addWorkflow, ask, makeApi, makePipeline, makeWorld, secret, uuid } from "./world.ts";

const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString("base64")}` });

const NO_PROJECT = { status: 404, body: { message: "Project not found" } };
const NO_LOGIN = { status: 401, body: { message: "You must log in first." } };

describe("a token", () => {
  it.each([
    ["of the service's own header", { "circle-token": "good" }],
    ["of a bearer", { authorization: "Bearer good" }],
    ["as the user of basic authentication", basic("good:")],
    ["as the user of basic authentication without a colon", basic("good")],
  ])("is taken from the header %s", async (_, headers) => {
    const api = makeApi(makeWorld());
    expect((await ask(api, "GET", "/api/v2/me", undefined, headers)).status).toBe(200);
    expect((await ask(api, "GET", "/api/v2/project/gh/acme/app", undefined, headers)).status).toBe(200);
  });

  it.each([
    ["is absent", {}],
    ["is empty", { "circle-token": "" }],
    ["is nobody's", { "circle-token": "bad" }],
    ["is nobody's bearer", { authorization: "Bearer bad" }],
    ["stands as password", basic(":good")],
    ["stands without a scheme", { authorization: "good" }],
  ])("that %s gets 401 from /me and 404 elsewhere", async (_, headers) => {
    const world = makeWorld([makePipeline(1)]);
    const api = makeApi(world);
    expect(await ask(api, "GET", "/api/v2/me", undefined, headers)).toEqual(NO_LOGIN);
    expect(await ask(api, "GET", "/api/v2/project/gh/acme/app", undefined, headers)).toEqual(NO_PROJECT);
    expect(await ask(api, "POST", "/api/v2/project/gh/acme/app/pipeline", {}, headers)).toEqual(NO_PROJECT);
    expect(await ask(api, "POST", "/api/v2/project/gh/acme/app/pipeline/run", {}, headers)).toEqual(
      NO_PROJECT,
    );
    expect(await ask(api, "GET", `/api/v2/pipeline/${uuid(1)}`, undefined, headers)).toEqual({
      status: 404,
      body: { message: "Pipeline not found" },
    });
    expect(await ask(api, "GET", `/api/v2/user/${uuid(1)}`, undefined, headers)).toEqual({
      status: 404,
      body: { message: "User not found" },
    });
    expect(world.deeds).toEqual([]);
  });
});

describe("a token without access to the project", () => {
  it.each([
    ["GET", "/api/v2/project/gh/other/secret", "Project"],
    ["GET", "/api/v2/project/gh/other/secret/pipeline", "Project"],
    ["GET", "/api/v2/project/gh/other/secret/pipeline/1", "Project"],
    ["GET", "/api/v2/project/gh/other/secret/job/7", "Project"],
    ["GET", "/api/v2/project/gh/other/secret/7/artifacts", "Project"],
    ["POST", "/api/v2/project/gh/other/secret/pipeline", "Project"],
    ["POST", "/api/v2/project/gh/other/secret/pipeline/run", "Project"],
    ["GET", `/api/v2/pipeline/${uuid(1)}`, "Pipeline"],
    ["GET", `/api/v2/pipeline/${uuid(1)}/values`, "Pipeline"],
    ["GET", `/api/v2/pipeline/${uuid(1)}/config`, "Pipeline"],
    ["GET", `/api/v2/pipeline/${uuid(1)}/workflow`, "Pipeline"],
    ["GET", `/api/v2/workflow/${uuid(2)}`, "Workflow"],
    ["GET", `/api/v2/workflow/${uuid(2)}/job`, "Workflow"],
    ["POST", `/api/v2/workflow/${uuid(2)}/approve/${uuid(3)}`, "Workflow"],
    ["POST", `/api/v2/workflow/${uuid(2)}/cancel`, "Workflow"],
    ["POST", `/api/v2/workflow/${uuid(2)}/rerun`, "Workflow"],
    ["POST", `/api/v2/jobs/${uuid(3)}/cancel`, "Job"],
    ["GET", `/output/job/${uuid(3)}/artifacts/0/log.txt`, "Job"],
  ])("gets 404 from %s %s", async (method, path, kind) => {
    const pipeline = makePipeline(1, { project: secret });
    addJob(addWorkflow(pipeline, 2), 3, "test", {
      number: 7,
      artifacts: [{ path: "log.txt", file: "/gone" }],
    });
    const world = makeWorld([pipeline]);
    expect(await ask(makeApi(world), method, path)).toEqual({
      status: 404,
      body: { message: `${kind} not found` },
    });
    expect(world.deeds).toEqual([]);
  });
});
