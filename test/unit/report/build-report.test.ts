import { expect, it } from "vitest";
import { buildReport } from "../../../src/simulator/report/build-report.ts";
import { call } from "../../support/sample-report.ts";
import { samplePipeline, sampleStart } from "../../support/sample-state.ts";

const pipeline = samplePipeline({
  project: "gh/acme/app",
  number: 3,
  parameters: { environment: "staging" },
  errors: [{ type: "config", message: "no" }],
  workflows: [
    {
      name: "release",
      status: "running",
      at: 100,
      jobs: [
        {
          name: "build",
          status: "success",
          from: 200,
          to: 1450,
          steps: [["Build", "secret-in-the-output\n"]],
          artifacts: [{ path: "out/app.js", file: "/tmp/app.js" }],
        },
        {
          name: "wait",
          type: "approval",
          status: "success",
          from: 1450,
          to: 9000,
          approvedBy: "release-bot",
        },
        { name: "deploy", status: "running", from: 9000 },
        { name: "join", type: "no-op", status: "success", from: 9000, to: 9000 },
        { name: "never", status: "blocked" },
      ],
    },
  ],
});

const report = buildReport({
  pipelines: [pipeline],
  first: pipeline,
  requests: [call(5, null, "GET /me", 200)],
  unused: { faults: [{ path: "/" }], events: [] },
  startedAt: sampleStart,
  stoppedAt: sampleStart + 9500,
  timedOut: true,
});

it("writes down everything that the engine knows, with times as text and output unmasked", () => {
  const job = {
    number: null,
    started_at: null,
    stopped_at: null,
    approved_by: null,
    artifacts: [],
    steps: [],
  };
  const at = (time: number) => new Date(sampleStart + time).toISOString();
  expect(report).toEqual({
    outcome: "timed_out",
    started_at: "2031-05-06T07:08:09.000Z",
    stopped_at: "2031-05-06T07:08:18.500Z",
    unused: { faults: [{ path: "/" }], events: [] },
    requests: [{ at_ms: 5, method: "GET", path: "/api/v2/me", status: 200, job: null, fault: null }],
    pipelines: [
      {
        project: "gh/acme/app",
        number: 3,
        id: "gh/acme/app#3",
        state: "created",
        errors: [{ type: "config", message: "no" }],
        parameters: { environment: "staging" },
        trigger: { type: "api", actor: "release-bot", received_at: at(0) },
        branch: "main",
        workflows: [
          {
            id: "gh/acme/app#3/release@0",
            name: "release",
            tag: null,
            status: "running",
            created_at: at(100),
            stopped_at: null,
            jobs: [
              {
                ...job,
                id: "gh/acme/app#3/build",
                name: "build",
                type: "build",
                status: "success",
                number: 1,
                started_at: at(200),
                stopped_at: at(1450),
                compute_seconds: 1.25,
                artifacts: [{ path: "out/app.js", file: "/tmp/app.js" }],
                steps: [{ name: "Build", status: "success", exit_code: 0, output: "secret-in-the-output\n" }],
              },
              {
                ...job,
                id: "gh/acme/app#3/wait",
                name: "wait",
                type: "approval",
                status: "success",
                started_at: at(1450),
                stopped_at: at(9000),
                approved_by: "release-bot",
                compute_seconds: 0,
              },
              {
                ...job,
                id: "gh/acme/app#3/deploy",
                name: "deploy",
                type: "build",
                status: "running",
                number: 3,
                started_at: at(9000),
                compute_seconds: 0.5,
              },
              {
                ...job,
                id: "gh/acme/app#3/join",
                name: "join",
                type: "no-op",
                status: "success",
                started_at: at(9000),
                stopped_at: at(9000),
                compute_seconds: 0,
              },
              {
                ...job,
                id: "gh/acme/app#3/never",
                name: "never",
                type: "build",
                status: "blocked",
                compute_seconds: 0,
              },
            ],
          },
        ],
      },
    ],
  });
});

it("is data that JSON keeps as it is", () => {
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
});
