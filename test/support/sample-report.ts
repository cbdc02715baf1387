import { buildReport } from "../../src/simulator/report/build-report.ts";
import type { Report, RequestReport } from "../../src/simulator/report/report.ts";
import { jobId, type SampleJob, type SamplePipeline, samplePipeline, sampleStart } from "./sample-state.ts";

const app = "gh/acme/app";
const integration = "gh/acme/integration";

export interface SampleRun {
  readonly pipelines: readonly SamplePipeline[];
  readonly requests?: readonly RequestReport[];
  readonly unused?: Report["unused"];
  readonly until: number;
  readonly timedOut?: boolean;
}

export function sampleReport(run: SampleRun): Report {
  const pipelines = run.pipelines.map(samplePipeline);
  return buildReport({
    pipelines,
    first: pipelines[0] ?? null,
    requests: run.requests ?? [],
    unused: run.unused ?? { faults: [], events: [] },
    startedAt: sampleStart,
    stoppedAt: sampleStart + run.until,
    timedOut: run.timedOut ?? false,
  });
}

/** A call; `status` null cuts the connection. */
export function call(
  at: number,
  job: string | null,
  request: string,
  status: number | null,
  fault: number | null = null,
): RequestReport {
  const [method = "", path = ""] = request.split(" ");
  return { at_ms: at, method, path: `/api/v2${path}`, status, job, fault };
}

/** The parent builds, triggers, sleeps and checks; the child tests and circles back. */
export function parentAndChild(): Report {
  const trigger = jobId(app, "trigger-integration", 41);
  const callback = jobId(integration, "approve-in-parent", 7);
  const check = jobId(app, "check-integration", 41);
  const hold = encodeURIComponent(jobId(app, "wait-for-integration", 41));
  const release = encodeURIComponent(`${app}#41/release@0`);
  return sampleReport({
    until: 12_340,
    pipelines: [
      {
        project: app,
        number: 41,
        parameters: { environment: "staging", "dry-run": false },
        workflows: [
          {
            name: "release",
            status: "success",
            until: 12_300,
            jobs: [
              {
                name: "build",
                status: "success",
                from: 40,
                to: 2310,
                steps: [
                  ["Checkout code", "Cloned gh/acme/app at 5f0c2a\n"],
                  [
                    "Build",
                    "$ npm run build\n\u001b[32m✔\u001b[0m 128 modules transformed\ndist/app.js  84.1 kB\n",
                  ],
                ],
                artifacts: [{ path: "dist/app.js", file: "/tmp/run/artifacts/app.js" }],
              },
              {
                name: "trigger-integration",
                status: "success",
                from: 2330,
                to: 3480,
                steps: [
                  [
                    "Trigger gh/acme/integration",
                    "Triggering gh/acme/integration on main.\nTriggered pipeline #7.\nIt runs: workflow integration.\n",
                  ],
                  ["Keep the receipt", ".circleback/receipts/child.json\n"],
                ],
                artifacts: [{ path: "circleback/child.json", file: "/tmp/run/artifacts/child.json" }],
              },
              {
                name: "wait-for-integration",
                type: "approval",
                status: "success",
                from: 3490,
                to: 8900,
                approvedBy: "release-bot",
              },
              {
                name: "check-integration",
                status: "success",
                from: 8920,
                to: 10_150,
                steps: [["Check the child", "integration  success\n  test   success\n  lint   success\n"]],
              },
              {
                name: "deploy",
                status: "success",
                from: 10_170,
                to: 12_290,
                steps: [["Deploy", "Deployed 5f0c2a to staging.\n"]],
              },
            ],
          },
        ],
      },
      {
        project: integration,
        number: 7,
        at: 2900,
        parameters: { circleback: "cb1.eyJwIjoiZ2gvYWNtZS9hcHAifQ" },
        workflows: [
          {
            name: "integration",
            status: "success",
            until: 9300,
            jobs: [
              {
                name: "lint",
                status: "success",
                from: 2950,
                to: 4210,
                steps: [["Lint", "Checked 212 files.\n"]],
              },
              {
                name: "test",
                status: "success",
                from: 2960,
                to: 8030,
                steps: [["npm test", "Tests  418 passed (418)\nDuration  4.81s\n"]],
              },
              {
                name: "approve-in-parent",
                status: "success",
                from: 8060,
                to: 9290,
                steps: [["Wake the parent", "Approved wait-for-integration of gh/acme/app #41.\n"]],
              },
            ],
          },
        ],
      },
    ],
    requests: [
      call(2500, trigger, `GET /workflow/${release}/job`, 200),
      call(2620, trigger, `GET /project/${app}/pipeline/41`, 200),
      call(2898, trigger, `POST /project/${integration}/pipeline`, 201),
      call(3010, trigger, `GET /pipeline/${integration}%237/workflow`, 503, 0),
      call(3320, trigger, `GET /pipeline/${integration}%237/workflow`, 200),
      call(8330, callback, `GET /workflow/${release}/job`, 200),
      call(8898, callback, `POST /workflow/${release}/approve/${hold}`, 202),
      call(9110, callback, `GET /workflow/${release}/job`, 200),
      call(9300, check, `GET /pipeline/${integration}%237/workflow`, 200),
      call(9900, check, `GET /workflow/integration/job?page-token=2`, 200),
      call(11_000, null, "GET /me", 200),
    ],
  });
}

/** The child's test fails, the parent learns of it; a fault and an event never happen. */
export function failingChild(): Report {
  const trigger = jobId(app, "trigger-integration");
  const callback = jobId(integration, "approve-in-parent");
  return sampleReport({
    until: 7400,
    unused: {
      // biome-ignore lint/suspicious/noThenProperty: a scenario's faults say `then`
      faults: [{ method: "POST", path: "/api/v2/project/gh/acme/tools/pipeline", then: { status: 502 } }],
      events: [{ on: { job: "deploy", status: "running" }, do: "cancel-workflow" }],
    },
    pipelines: [
      {
        project: app,
        workflows: [
          {
            name: "release",
            status: "failed",
            until: 7350,
            jobs: [
              {
                name: "trigger-integration",
                status: "success",
                from: 30,
                to: 900,
                steps: [["Trigger", "ok\n"]],
              },
              {
                name: "wait-for-integration",
                type: "approval",
                status: "success",
                from: 920,
                to: 5700,
                approvedBy: "release-bot",
              },
              {
                name: "check-integration",
                status: "failed",
                from: 5720,
                to: 7340,
                steps: [
                  ["Spin up environment", "Using node 20\n"],
                  [
                    "Check the child",
                    "integration  failed\n  test   failed  http://127.0.0.1/test\nerror: the child failed\n",
                    1,
                  ],
                ],
              },
              { name: "deploy", status: "not_run" },
            ],
          },
        ],
      },
      {
        project: integration,
        at: 500,
        workflows: [
          {
            name: "integration",
            status: "failed",
            until: 6100,
            jobs: [
              {
                name: "test",
                status: "failed",
                from: 540,
                to: 4800,
                steps: [
                  ["Install", "added 212 packages in 2s\n"],
                  [
                    "npm test",
                    "\u001b[31mFAIL\u001b[0m orders.test.ts\n  expected 200, got 500\nTests  1 failed | 417 passed\n",
                    1,
                  ],
                ],
              },
              { name: "publish", status: "not_run" },
              {
                name: "approve-in-parent",
                status: "success",
                from: 4830,
                to: 6090,
                steps: [["Wake", "ok\n"]],
              },
            ],
          },
        ],
      },
      {
        project: "gh/acme/broken",
        at: 800,
        state: "errored",
        errors: [{ type: "config", message: "workflows.main.jobs.0: job `tset` is not defined" }],
      },
    ],
    requests: [
      call(498, trigger, `POST /project/${integration}/pipeline`, 201),
      call(
        5690,
        callback,
        `POST /workflow/1/approve/${encodeURIComponent(jobId(app, "wait-for-integration"))}`,
        null,
        1,
      ),
    ],
  });
}

/** Five pipelines with long names and more than thirty jobs. */
export function fivePipelines(): Report {
  const children = [
    "payments-service",
    "a-repository-with-a-remarkably-long-name-that-goes-on",
    "web",
    "mobile",
  ];
  const fanOut = jobId("gh/acme/monorepo", "trigger-everything-that-depends-on-the-shared-component-library");
  return sampleReport({
    until: 96_000,
    pipelines: [
      {
        project: "gh/acme/monorepo",
        workflows: [
          {
            name: "build-test-and-release-to-all-environments",
            status: "success",
            until: 95_000,
            jobs: [
              ...manyJobs("unit-tests-shard", 12, 100, 14_000),
              {
                name: "trigger-everything-that-depends-on-the-shared-component-library",
                status: "success",
                from: 15_000,
                to: 21_000,
                steps: [["Trigger", "4 pipelines\n"]],
              },
              ...children.map(
                (child, index): SampleJob => ({
                  name: `wait-for-${child}`,
                  type: "approval",
                  status: "success",
                  from: 21_050,
                  to: 52_000 + index * 9000,
                  approvedBy: "release-bot",
                }),
              ),
              {
                name: "publish",
                status: "success",
                from: 80_000,
                to: 94_900,
                steps: [["Publish", "done\n"]],
              },
            ],
          },
        ],
      },
      ...children.map(
        (child, index): SamplePipeline => ({
          project: `gh/acme/${child}`,
          number: 300 + index,
          at: 16_000 + index * 1000,
          workflows: [
            {
              name: "verify",
              status: "success",
              until: 53_000 + index * 9000,
              jobs: [
                ...manyJobs(`${child}-suite`, 4, 16_500 + index * 1000, 30_000),
                { name: "wake", status: "success", from: 51_000 + index * 9000, to: 52_900 + index * 9000 },
              ],
            },
          ],
        }),
      ),
    ],
    requests: children.flatMap((child, index) => [
      call(15_998 + index * 1000, fanOut, `POST /project/gh/acme/${child}/pipeline`, 201),
      call(
        51_999 + index * 9000,
        jobId(`gh/acme/${child}`, "wake", 300 + index),
        `POST /workflow/1/approve/${encodeURIComponent(jobId("gh/acme/monorepo", `wait-for-${child}`))}`,
        202,
      ),
    ]),
  });
}

/** A parent that polls for two hours, next to a hold that nobody ever decides. */
export function twoHours(): Report {
  const poll = jobId(app, "trigger-and-poll");
  const hours = 7_200_000;
  return sampleReport({
    until: hours,
    timedOut: true,
    pipelines: [
      {
        project: app,
        workflows: [
          {
            name: "nightly",
            status: "running",
            jobs: [
              {
                name: "trigger-and-poll",
                status: "running",
                from: 900,
                steps: [["Poll", "still running\n", null]],
              },
              { name: "ask-a-person", type: "approval", status: "on_hold", from: 60_000 },
              { name: "deploy", status: "blocked" },
            ],
          },
        ],
      },
    ],
    requests: Array.from({ length: 720 }, (_, index) =>
      call(
        1000 + index * 10_000,
        poll,
        "GET /workflow/1",
        index % 97 === 50 ? 429 : 200,
        index % 97 === 50 ? 0 : null,
      ),
    ),
  });
}

/** One job that takes no time at all. */
export function halfSecond(): Report {
  return sampleReport({
    until: 500,
    pipelines: [
      {
        project: app,
        workflows: [
          {
            name: "quick",
            status: "success",
            until: 460,
            jobs: [
              { name: "hello", status: "success", from: 20, to: 450, steps: [["Say hello", "hello\n"]] },
              { name: "gate", type: "no-op", status: "success", from: 455, to: 456 },
            ],
          },
        ],
      },
    ],
  });
}

function manyJobs(name: string, count: number, from: number, length: number): readonly SampleJob[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `${name}-${index + 1}`,
    status: "success",
    from: from + index * 90,
    to: from + length - index * 700,
    steps: [["Run", `suite ${index + 1}: ok\n`]],
  }));
}

/** Everything that a report can say, said in markup that wants to run. */
export function hostileReport(): Report {
  const evil = `</script></pre>"'><img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
  const job = jobId(evil, evil);
  return sampleReport({
    until: 5000,
    unused: { faults: [{ path: evil }], events: [evil] },
    requests: [call(5, job, `GET /${evil.replaceAll(" ", "+")}`, 200), call(9, null, "GET /<b>", null, 0)],
    pipelines: [
      {
        project: evil,
        branch: evil,
        actor: evil,
        state: "errored",
        errors: [{ type: "config", message: evil }],
        parameters: { [evil]: evil },
        workflows: [
          {
            name: evil,
            status: "failed",
            jobs: [
              {
                name: evil,
                status: "failed",
                from: 10,
                to: 4000,
                approvedBy: evil,
                steps: [[evil, `${evil}\n\u001b]0;owned\u0007`, 1]],
                artifacts: [{ path: evil, file: evil }],
              },
            ],
          },
        ],
      },
    ],
  });
}
