import { describe, expect, it } from "vitest";
import type { Api } from "../../../src/simulator/api/api.ts";
import { addJob, addWorkflow, ask, makeApi, makePipeline, makeWorld, uuid } from "./world.ts";

interface Page {
  readonly items: readonly { readonly id: string }[];
  readonly next_page_token: string | null;
}

async function readPage(api: Api, path: string, token: string | null): Promise<Page> {
  const query = token === null ? "" : `?page-token=${encodeURIComponent(token)}`;
  return (await ask(api, "GET", path + query)).body as Page;
}

async function readPages(api: Api, path: string): Promise<string[][]> {
  const pages: string[][] = [];
  let token: string | null = null;
  do {
    const page: Page = await readPage(api, path, token);
    pages.push(page.items.map(({ id }) => id));
    token = page.next_page_token;
  } while (token !== null);
  return pages;
}

function ids(first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => uuid(first + index));
}

describe("paging", () => {
  it("gives 45 jobs of a workflow as 20, 20 and 5", async () => {
    const pipeline = makePipeline(1);
    const workflow = addWorkflow(pipeline, 2);
    for (let number = 101; number <= 145; number++) addJob(workflow, number, `job-${number}`);
    expect(await readPages(makeApi(makeWorld([pipeline])), `/api/v2/workflow/${uuid(2)}/job`)).toEqual([
      ids(101, 120),
      ids(121, 140),
      ids(141, 145),
    ]);
  });

  it("ends with a full page when the list does", async () => {
    const pipeline = makePipeline(1);
    for (let number = 101; number <= 120; number++) addWorkflow(pipeline, number);
    expect(await readPages(makeApi(makeWorld([pipeline])), `/api/v2/pipeline/${uuid(1)}/workflow`)).toEqual([
      ids(101, 120),
    ]);
  });

  it("goes on where it was when pipelines have come in between", async () => {
    const pipelines = Array.from({ length: 25 }, (_, index) => makePipeline(index + 1));
    const world = makeWorld(pipelines);
    const api = makeApi(world);
    const path = "/api/v2/project/gh/acme/app/pipeline";
    const first = await readPage(api, path, null);
    world.pipelines.push(makePipeline(26), makePipeline(27));
    const second = await readPage(api, path, first.next_page_token);
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids(1, 25).reverse());
    expect(second.next_page_token).toBeNull();
  });

  it("refuses a token that it never gave", async () => {
    const api = makeApi(makeWorld([makePipeline(1)]));
    expect(await ask(api, "GET", "/api/v2/project/gh/acme/app/pipeline?page-token=x")).toEqual({
      status: 400,
      body: { message: "Invalid page-token" },
    });
  });
});
