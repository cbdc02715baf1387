import { expect, it } from "vitest";
import { Api } from "../../../src/simulator/api/api.ts";
import type { StepProgress } from "../../../src/simulator/engine/job-runner.ts";
import type { Context } from "../../../src/simulator/engine/state.ts";
import {
  addJob,
  addWorkflow,
  app,
  ask,
  makePipeline,
  makeWorld,
  NOON,
  standalone,
  tokens,
  uuid,
} from "./world.ts";

const steps: readonly StepProgress[] = [
  { index: 0, name: "Checkout code", status: "success", exitCode: null, output: "" },
  { index: 1, name: "make test", status: "failed", exitCode: 2, output: "one\ntwo of abcdef, 12345678\n" },
  { index: 2, name: "Upload", status: "running", exitCode: null, output: "so far" },
];

const contexts: readonly Context[] = [
  { name: "circleback", values: { TOKEN: "abcdef", FLAG: "true" }, allow: null },
  { name: "another", values: { WORD: "make" }, allow: null },
];

function makeApi() {
  const project = { ...app, environment: { PASSWORD: "12345678" } };
  const pipeline = makePipeline(1, { project });
  const times = { startedAt: NOON + 2000, stoppedAt: NOON + 5000 };
  addJob(
    addWorkflow(pipeline, 2),
    3,
    "lint",
    { status: "failed", number: 7, ...times, steps: [...steps] },
    { contexts: ["circleback"] },
  );
  const opaque = makePipeline(4, { project: standalone });
  addJob(addWorkflow(opaque, 5), 6, "lint", { status: "failed", number: 7, steps: [...steps] });
  const { engine } = makeWorld([pipeline, opaque]);
  const api = new Api({
    engine: { ...engine, options: { ...engine.options, contexts } },
    tokens,
    faults: [],
  });
  api.serveBytesFrom("http://bytes.invalid");
  return api;
}

const none = { failed: null, infrastructure_fail: null, timedout: null, canceled: null };
const usual = { index: 0, type: "test", truncated: false, messages: [] };

it("shows a job with its steps, and where the output of each is", async () => {
  expect(await ask(makeApi(), "GET", "/api/v1.1/project/github/acme/app/7")).toEqual({
    status: 200,
    body: {
      vcs_type: "github",
      vcs_url: "https://github.com/acme/app",
      build_url: "https://circleci.com/gh/acme/app/7",
      build_num: 7,
      username: "acme",
      reponame: "app",
      branch: "main",
      vcs_tag: null,
      vcs_revision: "f454a02b5d10fcccfd7d9dd7608a76d6493a98b4",
      lifecycle: "finished",
      outcome: "failed",
      status: "failed",
      ...none,
      failed: true,
      queued_at: "2026-01-02T12:00:02.000Z",
      start_time: "2026-01-02T12:00:02.000Z",
      stop_time: "2026-01-02T12:00:05.000Z",
      build_time_millis: 3000,
      workflows: {
        job_id: uuid(3),
        job_name: "lint",
        workflow_id: uuid(2),
        workflow_name: "build",
        workspace_id: uuid(2),
      },
      steps: [
        {
          name: "Checkout code",
          actions: [
            {
              ...usual,
              ...none,
              step: 101,
              name: "Checkout code",
              status: "success",
              exit_code: null,
              has_output: false,
            },
          ],
        },
        {
          name: "make test",
          actions: [
            {
              ...usual,
              ...none,
              step: 102,
              name: "make test",
              status: "failed",
              failed: true,
              exit_code: 2,
              has_output: true,
              output_url: expect.stringMatching(
                new RegExp(`^http://bytes\\.invalid/output/${uuid(3)}/1\\?X-Amz-Signature=[0-9a-f]{64}$`),
              ),
            },
          ],
        },
        {
          name: "Upload",
          actions: [
            {
              ...usual,
              ...none,
              step: 103,
              name: "Upload",
              status: "running",
              exit_code: null,
              has_output: false,
            },
          ],
        },
      ],
    },
  });
});

async function outputUrl(api: Api): Promise<string> {
  const { body } = await ask(api, "GET", "/api/v1.1/project/gh/acme/app/7");
  return (body as { steps: { actions: { output_url: string }[] }[] }).steps[1]?.actions[0]?.output_url ?? "";
}

it("gives the output to whoever has its address, masked, without asking for a token", async () => {
  const api = makeApi();
  const answer = await api.fetch(new Request(await outputUrl(api)), null);
  expect([answer.status, await answer.json(), api.leaks]).toEqual([
    200,
    [{ message: "one\ntwo of ****, ****\n", time: "2026-01-02T12:00:05.000Z", type: "out" }],
    [],
  ]);
});

it("notes a token that is shown to the origin of the outputs", async () => {
  const api = makeApi();
  const url = await outputUrl(api);
  await api.fetch(new Request(url, { headers: { "circle-token": "good" } }), null);
  expect(api.leaks).toEqual([{ path: new URL(url).pathname, header: "circle-token" }]);
});

it("refuses an address whose signature is missing or another's", async () => {
  const api = makeApi();
  const { origin, pathname, search } = new URL(await outputUrl(api));
  const addresses = [`${origin}${pathname}`, `${origin}${pathname.replace(/1$/, "0")}${search}`];
  const answers = await Promise.all(addresses.map((address) => api.fetch(new Request(address), null)));
  expect(answers.map(({ status }) => status)).toEqual([403, 403]);
});

it.each([
  [`/api/v1.1/project/${standalone.slug}/7`, "Project not found"],
  ["/api/v1.1/project/gh/acme/app/8", "Job not found"],
  ["/api/v1.1/project/gh/other/secret/7", "Project not found"],
  ["/api/v1.1/project/gh/acme/app", "Not found"],
])("answers %s with 404 %s", async (path, message) => {
  expect(await ask(makeApi(), "GET", path)).toEqual({ status: 404, body: { message } });
});

it("answers nobody without a token", async () => {
  expect(await ask(makeApi(), "GET", "/api/v1.1/project/gh/acme/app/7", undefined, {})).toEqual({
    status: 404,
    body: { message: "Project not found" },
  });
});
