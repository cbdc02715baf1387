import { describe, expect, test } from "vitest";
import type { Report } from "../../../src/simulator/report/report.ts";
import { adviceForRerun, callsOf, said } from "../../support/loop.ts";
import { statuses } from "../../support/simulator.ts";
import { playLoop } from "../../support/virtual-loop.ts";
import { callingWorkflow, child, parent, postStepWorkflow } from "../../support/work-configs.ts";

function posts(report: Report, job: string): readonly string[] {
  return callsOf(report, job).filter((call) => call.startsWith("POST"));
}

/** What has become of the parent: its workflow, hold and last job, and the trigger's child. */
function parentOf(report: Report) {
  const release = statuses(report)["gh/acme/app#1"]?.release;
  return {
    status: release?.status,
    hold: release?.jobs.hold,
    check: release?.jobs.check,
    ship: release?.jobs.ship,
  };
}

const link = "https://circleci.com/workflow-run/release";
const shapes = {
  "as a last job of its own": (callback: string) =>
    child({ test: "failed" }, callingWorkflow("integration", ["test"], { callback })),
  "as a last step of the job that fails": (callback: string) =>
    child({ "circle-back": "failed" }, postStepWorkflow("integration", ["circle-back"], { callback })),
};

describe.each(Object.entries(shapes))("a failure, told %s,", (shape, configure) => {
  const failed = `Not every job of this workflow has ended well: ${shape.includes("step") ? "circle-back" : "test"} failed.`;

  test("opens the hold with `approve`, and check-status fails the parent", async () => {
    const report = await playLoop({ "gh/acme/app": parent(), "gh/acme/lib": configure("") });
    expect([parentOf(report), said(report, "circle-back"), posts(report, "circle-back")]).toEqual([
      { status: "failed", hold: "success", check: "failed", ship: "not_run" },
      { exit: 0, lines: [failed, `Approved \`hold\`: the parent goes on, ${link}`] },
      ["POST /workflow/release/approve/hold 202"],
    ]);
    expect(said(report, "check").lines.at(-3)).toMatch(
      /^Error: gh\/acme\/lib #1 ended failed \(.* failed\)\. \(child\.failed\)$/,
    );
  });

  test("cancels the hold with `cancel`, and nothing more of the parent runs", async () => {
    const report = await playLoop({
      "gh/acme/app": parent(),
      "gh/acme/lib": configure("on-failure: cancel"),
    });
    expect([parentOf(report), said(report, "circle-back"), posts(report, "circle-back")]).toEqual([
      { status: "canceled", hold: "canceled", check: "not_run", ship: "not_run" },
      {
        exit: 0,
        lines: [
          failed,
          `Cancelled \`hold\`: the parent ends without running anything more, ${link}`,
          adviceForRerun,
        ],
      },
      ["POST /jobs/hold/cancel 200"],
    ]);
  });

  test("leaves the hold to a human with `leave`", async () => {
    const report = await playLoop({ "gh/acme/app": parent(), "gh/acme/lib": configure("on-failure: leave") });
    expect([parentOf(report), said(report, "circle-back"), posts(report, "circle-back")]).toEqual([
      { status: "on_hold", hold: "on_hold", check: "blocked", ship: "blocked" },
      { exit: 0, lines: [failed, "`hold` is left to a human, as `on-failure: leave` asks."] },
      [],
    ]);
  });
});

test("a failure cancels the hold also where CircleCI does not list the callback's own workflow yet", async () => {
  const report = await playLoop(
    { "gh/acme/app": parent(), "gh/acme/lib": shapes["as a last job of its own"]("on-failure: cancel") },
    "faults: [{ method: GET, path: /api/v2/pipeline/*/workflow, job: circle-back, times: 2, then: { body: { items: [], next_page_token: null } } }]",
  );
  expect([parentOf(report).hold, report.unused]).toEqual(["canceled", { faults: [], events: [] }]);
});

test("a first attempt that fails wakes nobody, where its own workflow is not listed yet either", async () => {
  const report = await playLoop(
    {
      "gh/acme/app": parent(),
      "gh/acme/lib": child(
        { test: "failed,success" },
        callingWorkflow("integration", ["test"], { workflow: "max_auto_reruns: 1" }),
      ),
    },
    "faults: [{ method: GET, path: /api/v2/pipeline/*/workflow, job: circle-back, times: 1, then: { body: { items: [], next_page_token: null } } }]",
  );
  expect([posts(report, "circle-back"), report.outcome]).toEqual([
    ["POST /workflow/release/approve/hold 202"],
    "success",
  ]);
  const [first] = report.pipelines[1]?.workflows ?? [];
  expect(first?.jobs.find(({ name }) => name === "circle-back")?.status).toBe("failed");
});

test.each(["cancel", "leave"])("a success opens the hold under `%s` as well", async (onFailure) => {
  const lib = child(
    { test: "success" },
    callingWorkflow("integration", ["test"], { callback: `on-failure: ${onFailure}` }),
  );
  const report = await playLoop({ "gh/acme/app": parent(), "gh/acme/lib": lib });
  expect([parentOf(report), said(report, "circle-back").lines]).toEqual([
    { status: "success", hold: "success", check: "success", ship: "success" },
    ["All other jobs of this workflow have ended well.", `Approved \`hold\`: the parent goes on, ${link}`],
  ]);
});

const decided = { cancel: "canceled", leave: "on_hold" };

describe.each(["cancel", "leave"] as const)(
  "two verdicts that disagree never open the hold under `%s`",
  (onFailure) => {
    const callback = `on-failure: ${onFailure}`;

    test.each([
      ["the good one first", { quick: "1000:success", slow: "9000:failed" }],
      ["the bad one first", { quick: "1000:failed", slow: "9000:success" }],
      ["both at once", { quick: "1000:success", slow: "1000:failed" }],
    ])("%s, from two workflows", async (_, works) => {
      for (const callbackName of ["circle-back", "circle-back-slowly"]) {
        const lib = child(
          works,
          callingWorkflow("one", ["quick"], { callback }),
          callingWorkflow("two", ["slow"], { callback, callbackName }),
        );
        const report = await playLoop({ "gh/acme/app": parent(), "gh/acme/lib": lib });
        expect(parentOf(report).hold).toBe(decided[onFailure]);
        expect([said(report, "circle-back").exit, said(report, callbackName).exit]).toEqual([0, 0]);
        expect(report.requests.filter(({ path }) => path.includes("/approve/"))).toEqual([]);
      }
    });

    test.each([
      ["the good one first", { quick: "1000:success", slow: "9000:failed" }],
      ["the bad one first", { quick: "1000:failed", slow: "9000:success" }],
    ])("%s, from two jobs of one workflow", async (_, works) => {
      const lib = child(works, postStepWorkflow("integration", ["quick", "slow"], { callback }));
      const report = await playLoop({ "gh/acme/app": parent(), "gh/acme/lib": lib });
      expect(parentOf(report).hold).toBe(decided[onFailure]);
      expect([said(report, "quick").exit, said(report, "slow").exit]).toEqual([0, 0]);
    });

    test.each([
      ["the default one calls first", { quick: "1000:success", slow: "9000:failed" }],
      ["the default one has failed itself", { quick: "1000:failed", slow: "9000:success" }],
      ["the default one calls last", { quick: "30000:success", slow: "9000:failed" }],
    ])("from two callbacks of which one approves by default: %s", async (_, works) => {
      const lib = child(
        works,
        callingWorkflow("one", ["quick"]),
        callingWorkflow("two", ["slow"], { callback, callbackName: "circle-back-slowly" }),
      );
      const report = await playLoop({ "gh/acme/app": parent(), "gh/acme/lib": lib });
      expect([parentOf(report).hold, said(report, "circle-back").exit]).toEqual([decided[onFailure], 0]);
      expect(said(report, "circle-back").lines).toContain(
        `Another callback of this pipeline has \`${callback}\`, which counts for all of them.`,
      );
      expect(report.requests.filter(({ path }) => path.includes("/approve/"))).toEqual([]);
    });

    test("from a workflow that calls back and one that does not", async () => {
      const silent = "  silent: { jobs: [slow] }";
      const works = { quick: "1000:success", slow: "60000:failed" };
      const lib = child(works, callingWorkflow("one", ["quick"], { callback }), silent);
      const report = await playLoop({ "gh/acme/app": parent(), "gh/acme/lib": lib });
      expect([parentOf(report).hold, said(report, "circle-back").exit]).toEqual([decided[onFailure], 0]);
    });
  },
);

describe("callbacks that agree on success", () => {
  const callback = "on-failure: cancel";

  test("wait for what is left of the child, but not for one another", async () => {
    const lib = child(
      { quick: "1000:success", slow: "60000:success" },
      callingWorkflow("one", ["quick"], { callback }),
      callingWorkflow("two", ["slow"], { callback, callbackName: "circle-back-slowly" }),
    );
    const report = await playLoop({ "gh/acme/app": parent(), "gh/acme/lib": lib });
    expect([
      parentOf(report),
      said(report, "circle-back").exit,
      said(report, "circle-back-slowly").exit,
    ]).toEqual([{ status: "success", hold: "success", check: "success", ship: "success" }, 0, 0]);
    const took = (Date.parse(report.stopped_at) - Date.parse(report.started_at)) / 1000;
    expect(took).toBeLessThan(150);
  });

  test("open the hold where one of them approves by default", async () => {
    const lib = child(
      { quick: "1000:success", slow: "60000:success" },
      callingWorkflow("one", ["quick"]),
      callingWorkflow("two", ["slow"], { callback, callbackName: "circle-back-slowly" }),
    );
    const report = await playLoop({ "gh/acme/app": parent(), "gh/acme/lib": lib });
    expect([parentOf(report).hold, said(report, "circle-back").exit]).toEqual(["success", 0]);
  });

  test("count a sibling's failure to call back as none of the child's", async () => {
    const lib = child(
      { quick: "1000:success", slow: "30000:success" },
      callingWorkflow("one", ["quick"], { callback: `${callback}, timeout: 5s` }),
      callingWorkflow("two", ["slow"], { callback, callbackName: "circle-back-slowly" }),
    );
    const report = await playLoop({ "gh/acme/app": parent(), "gh/acme/lib": lib });
    expect([said(report, "circle-back"), said(report, "circle-back-slowly").exit, parentOf(report)]).toEqual([
      {
        exit: 8,
        lines: [
          "All other jobs of this workflow have ended well.",
          "Error: Other jobs of this pipeline have not ended after 5s: circle-back-slowly is running. (wait.timeout)",
          "  - Put the callback into the workflow that ends last, or wait longer with `timeout`.",
          "  - The hold is as it was: a sweep resolves it when all workflows of this pipeline have ended.",
        ],
      },
      0,
      { status: "success", hold: "success", check: "success", ship: "success" },
    ]);
  });

  test("wait for the sibling that CircleCI is about to run again", async () => {
    const lib = child(
      { quick: "1000:success", slow: "3000:failed,success" },
      callingWorkflow("one", ["quick"], { callback }),
      callingWorkflow("two", ["slow"], {
        callback,
        callbackName: "circle-back-slowly",
        workflow: "max_auto_reruns: 1",
      }),
    );
    const report = await playLoop({ "gh/acme/app": parent(), "gh/acme/lib": lib });
    expect(parentOf(report)).toEqual({
      status: "success",
      hold: "success",
      check: "success",
      ship: "success",
    });
  });
});

test.each(["cancel", "leave"])(
  "under `%s`, a callback with jobs behind it is told apart",
  async (onFailure) => {
    const lib = `${child(
      { test: "success", ship: "success" },
      postStepWorkflow("integration", ["test"], { callback: `on-failure: ${onFailure}` }),
    )
      .trimEnd()
      .slice(0, -1)}, ship: { requires: [test] }]\n`;
    const report = await playLoop({ "gh/acme/app": parent(), "gh/acme/lib": lib });
    expect([parentOf(report).hold, said(report, "test")]).toEqual([
      "on_hold",
      {
        exit: 1,
        lines: [
          "Warning: This workflow has not ended: ship is blocked. Let the callback require these jobs as well.",
          "None of its jobs has failed yet.",
          "Error: `ship` come after `test`, so the result of this workflow cannot be known yet. (callback.early)",
          "  - With `on-failure: cancel` or `leave`, let the callback be the last job of its workflow. The hold is as it was.",
        ],
      },
    ]);
  },
);

test("a callback that failed in calling back alone makes no other cancel the parent", async () => {
  const lib = child(
    { lint: "1000:success", test: "60000:success" },
    postStepWorkflow("integration", ["lint", "test"], { callback: "on-failure: cancel" }),
  );
  const report = await playLoop(
    { "gh/acme/app": parent(), "gh/acme/lib": lib },
    "faults: [{ method: GET, path: /api/v2/workflow/*/job, job: lint, times: 99, then: { status: 400 } }]",
  );
  expect([parentOf(report), said(report, "test")]).toEqual([
    { status: "success", hold: "success", check: "success", ship: "success" },
    {
      exit: 0,
      lines: [
        "Not every job of this workflow has ended well: lint failed.",
        `Approved \`hold\`: the parent goes on, ${link}`,
      ],
    },
  ]);
});

test("a job that somebody has cancelled counts at once where automatic reruns are left: they repeat none", async () => {
  const lib = child(
    { test: "60000:success" },
    callingWorkflow("integration", ["test"], {
      workflow: "max_auto_reruns: 1",
      callback: "on-failure: cancel, timeout: 1m",
    }),
  );
  const report = await playLoop(
    { "gh/acme/app": parent(), "gh/acme/lib": lib },
    "events: [{ on: { project: gh/acme/lib, job: test, status: running }, delay: 5s, do: cancel-job }]",
  );
  expect([parentOf(report), said(report, "circle-back").lines]).toEqual([
    { status: "canceled", hold: "canceled", check: "not_run", ship: "not_run" },
    [
      "Not every job of this workflow has ended well: test canceled.",
      `Cancelled \`hold\`: the parent ends without running anything more, ${link}`,
      adviceForRerun,
    ],
  ]);
});

describe("a careful callback that CircleCI shows a list without what must be on it", () => {
  const failing = child(
    { test: "failed" },
    callingWorkflow("integration", ["test"], { callback: "on-failure: cancel" }),
  );
  const play = (path: string, times: number) =>
    playLoop(
      { "gh/acme/app": parent(), "gh/acme/lib": failing },
      `faults: [{ method: GET, path: ${path}, job: circle-back, times: ${times}, then: { body: { items: [] } } }]`,
    );

  test("asks again, and cancels all the same", async () => {
    const report = await play("/api/v2/workflow/*/job", 2);
    expect([parentOf(report).hold, posts(report, "circle-back")]).toEqual([
      "canceled",
      ["POST /jobs/hold/cancel 200"],
    ]);
  });

  test.each([
    ["/api/v2/workflow/*/job", "jobs of workflow"],
    ["/api/v2/pipeline/*/workflow", "workflows of pipeline"],
  ])("gives up after a while, and the hold is as it was (%s)", async (path, what) => {
    const report = await play(path, 99);
    expect([parentOf(report).hold, posts(report, "circle-back"), said(report, "circle-back").exit]).toEqual([
      "on_hold",
      [],
      4,
    ]);
    expect(said(report, "circle-back").lines.at(-1)).toMatch(
      new RegExp(
        `^Error: CircleCI lists the ${what} \\S+ without the one that this job is of\\. \\(circleci\\.failed\\)$`,
      ),
    );
  });
});
