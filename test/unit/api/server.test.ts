import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { Api } from "../../../src/simulator/api/api.ts";
import { type ApiServer, openApi } from "../../../src/simulator/api/server.ts";
import type { Fault } from "../../../src/simulator/scenario/scenario.ts";
import {
  addJob,
  addWorkflow,
  makeFault,
  makePipeline,
  makeWorld,
  tokens,
  uuid,
  type World,
} from "./world.ts";

const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function open(world: World, faults: readonly Fault[] = []): Promise<ApiServer> {
  const server = await openApi({ engine: world.engine, tokens, faults });
  cleanUps.push(() => server.close());
  return server;
}

const headers = { "circle-token": "good" };

describe("the server", () => {
  it("tells the requests of jobs from one another by the address they use", async () => {
    const server = await open(makeWorld());
    const first = await server.urlForJob(uuid(3));
    const second = await server.urlForJob(uuid(4));
    expect(new Set([server.url, first, second, await server.urlForJob(uuid(3))]).size).toBe(3);
    for (const url of [second, server.url, first]) await fetch(`${url}/api/v2/me`, { headers });
    expect(server.api.requests.map(({ job, status }) => ({ job, status }))).toEqual([
      { job: uuid(4), status: 200 },
      { job: null, status: 200 },
      { job: uuid(3), status: 200 },
    ]);
  });

  it("gives a job one address, even when asked twice at once", async () => {
    const server = await open(makeWorld());
    const [first, second] = await Promise.all([server.urlForJob(uuid(3)), server.urlForJob(uuid(3))]);
    expect(first).toBe(second);
  });

  it("takes bodies over the wire", async () => {
    const world = makeWorld();
    const server = await open(world);
    const answer = await fetch(`${server.url}/api/v2/project/gh/acme/app/pipeline`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({ parameters: { x: "ü" } }),
    });
    expect(answer.status).toBe(201);
    expect(world.deeds).toEqual([
      { did: "trigger", request: expect.objectContaining({ parameters: { x: "ü" } }) },
    ]);
  });

  it("cuts the connection of a dropped request and serves the next", async () => {
    const path = "/api/v2/project/gh/acme/app/pipeline";
    const world = makeWorld();
    const server = await open(world, [makeFault("POST", path, { drop: true, afterAccepted: true })]);
    const trigger = () => fetch(server.url + path, { method: "POST", headers, body: '{"branch":"main"}' });
    await expect(trigger()).rejects.toMatchObject({
      message: "fetch failed",
      cause: { code: expect.stringMatching(/^(UND_ERR_SOCKET|ECONNRESET)$/) },
    });
    expect(world.deeds.length).toBe(1);
    expect((await trigger()).status).toBe(201);
    expect(server.api.requests.map(({ status, fault }) => ({ status, fault }))).toEqual([
      { status: null, fault: 0 },
      { status: 201, fault: null },
    ]);
  });

  it("closes although a request is waiting and connections are open", async () => {
    const server = await openApi({
      engine: makeWorld().engine,
      tokens,
      faults: [makeFault("GET", "/api/v2/me", { delay: 60_000 })],
    });
    const job = await server.urlForJob(uuid(3));
    await fetch(`${job}/nowhere`);
    const waiting = fetch(`${job}/api/v2/me`, { headers });
    const cut = expect(waiting).rejects.toThrow("fetch failed");
    while (server.api.requests.length < 2) await new Promise(setImmediate);
    await server.close();
    await cut;
    await expect(fetch(`${server.url}/api/v2/me`)).rejects.toThrow("fetch failed");
    await expect(server.urlForJob(uuid(4))).rejects.toThrow("The API is closed.");
  });

  it("listens on the port that is asked for, and says so when that is taken", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const address = taken.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const { engine } = makeWorld();
    await expect(openApi({ engine, tokens, faults: [], port })).rejects.toThrow("EADDRINUSE");
    await new Promise((resolve) => taken.close(resolve));
    const server = await openApi({ engine, tokens, faults: [], port });
    cleanUps.push(() => server.close());
    expect(server.url).toBe(`http://127.0.0.1:${port}`);
  });
});

describe("artifacts", () => {
  async function worldWithArtifacts(): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), "artifacts-"));
    cleanUps.push(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, "receipt"), "bytes: ü");
    const pipeline = makePipeline(1);
    addJob(addWorkflow(pipeline, 2), 3, "test", {
      number: 7,
      artifacts: [{ path: "circleback/a b#1.json", file: join(folder, "receipt") }],
    });
    return makeWorld([pipeline]);
  }

  it("are listed with addresses of the origin that was asked", async () => {
    const server = await open(await worldWithArtifacts());
    const url = await server.urlForJob(uuid(9));
    const answer = await fetch(`${url}/api/v2/project/gh/acme/app/7/artifacts`, { headers });
    expect([answer.status, await answer.json()]).toEqual([
      200,
      {
        items: [
          {
            path: "circleback/a b#1.json",
            node_index: 0,
            url: `${url}/output/job/${uuid(3)}/artifacts/0/circleback/a%20b%231.json`,
          },
        ],
        next_page_token: null,
      },
    ]);
  });

  it("need the token, and lie behind a redirect to an origin that needs none", async () => {
    const server = await open(await worldWithArtifacts());
    const url = `${server.url}/output/job/${uuid(3)}/artifacts/0/circleback/a%20b%231.json`;
    expect((await fetch(url)).status).toBe(404);
    const redirect = await fetch(url, { headers, redirect: "manual" });
    const location = redirect.headers.get("location") ?? "";
    expect([redirect.status, new URL(location).origin === server.url]).toEqual([302, false]);
    const answer = await fetch(location);
    expect([answer.status, await answer.text()]).toEqual([200, "bytes: ü"]);
    expect(server.api.leaks).toEqual([]);
  });

  it("betray a client that shows its token to the other origin", async () => {
    const server = await open(await worldWithArtifacts());
    const path = `/output/job/${uuid(3)}/artifacts/0/circleback/a%20b%231.json`;
    expect(await (await fetch(server.url + path, { headers })).text()).toBe("bytes: ü");
    const bytesPath = `/${uuid(3)}/0/circleback/a%20b%231.json`;
    expect(server.api.leaks).toEqual([{ path: bytesPath, header: "circle-token" }]);
  });

  it("keep a bearer's token safe from a client that drops it on its way to another origin", async () => {
    const server = await open(await worldWithArtifacts());
    const path = `/output/job/${uuid(3)}/artifacts/0/circleback/a%20b%231.json`;
    const answer = await fetch(server.url + path, { headers: { authorization: "Bearer good" } });
    expect(await answer.text()).toBe("bytes: ü");
    expect(server.api.leaks).toEqual([]);
  });

  it("can be had without sockets", async () => {
    const world = await worldWithArtifacts();
    const api = new Api({ engine: world.engine, tokens, faults: [] });
    const path = `http://127.0.0.1:1/output/job/${uuid(3)}/artifacts/0/circleback/a%20b%231.json`;
    const redirect = await api.fetch(new Request(path, { headers }), null);
    const answer = await api.fetch(new Request(redirect.headers.get("location") ?? "", { headers }), null);
    expect(await answer.text()).toBe("bytes: ü");
    expect(api.leaks.map(({ header }) => header)).toEqual(["circle-token"]);
    expect(api.requests.length).toBe(1);
  });
});
