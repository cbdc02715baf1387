import { describe, expect, test } from "vitest";
import type { Report } from "../../../src/simulator/report/report.ts";
import { jobOf, said } from "../../support/loop.ts";
import { playLoop } from "../../support/virtual-loop.ts";
import { callingWorkflow, child, parent } from "../../support/work-configs.ts";

const path = "/api/v2/project/gh/acme/lib/pipeline";
const lib = child({ test: "30000:success" }, callingWorkflow("integration", ["test"]));
const app = parent({ trigger: "requires: [prepare]", more: "- prepare", works: { prepare: "success" } });

function lost(...more: readonly string[]): string {
  return `faults: [{ method: POST, path: ${path}, then: { status: 502, after: accepted } }, ${more.join(", ")}]`;
}

/** Answers to triggers, and how many children there are. */
function triggers(report: Report) {
  const posts = report.requests.filter(({ method, path: asked }) => method === "POST" && asked === path);
  return [posts.map(({ status }) => status), report.pipelines.length - 1];
}

test("attaches to the child whose answer was lost, and is woken by it", async () => {
  const report = await playLoop({ "gh/acme/app": app, "gh/acme/lib": lib }, lost());
  expect([triggers(report), report.outcome, said(report, "trigger")]).toEqual([
    [[502], 1],
    "success",
    {
      exit: 0,
      lines: [
        "Triggering gh/acme/lib …",
        'Warning: POST /project/gh/acme/lib/pipeline was answered 502: "Bad Gateway": the child may or may not have been triggered. Looking for the pipeline that carries its ticket …',
        "Found it: gh/acme/lib #1.",
        "gh/acme/lib #1 has started: https://app.circleci.com/pipelines/github/acme/lib/1",
        "This workflow now sleeps on `hold`, free of charge, until the child wakes it.",
      ],
    },
  ]);
});

test("waits for a child that is listed late", async () => {
  const list = `{ method: GET, path: ${path}, times: 3, then: { body: { items: [], next_page_token: null } } }`;
  const report = await playLoop({ "gh/acme/app": app, "gh/acme/lib": lib }, lost(list));
  expect([triggers(report), report.outcome]).toEqual([[[502], 1], "success"]);
});

const blind = (part: string) =>
  `{ method: GET, path: /api/v2/pipeline/*/${part}, job: trigger, times: COUNT, then: { status: 404 } }`;

test("asks for no second child where the service shows nothing, in a rerun neither", async () => {
  const report = await playLoop(
    { "gh/acme/app": app, "gh/acme/lib": lib },
    `${lost(blind("values"), blind("config")).replaceAll("COUNT", "999")}
events: [{ on: { project: gh/acme/app, workflow: release, status: failed }, delay: 1m, do: rerun-from-failed }]`,
  );
  expect([triggers(report), jobOf(report, "hold").status, said(report, "trigger")]).toEqual([
    [[502], 1],
    "not_run",
    {
      exit: 4,
      lines: [
        "Warning: An earlier run asked for a pipeline of gh/acme/lib and never learnt whether it was made. Looking for the pipeline that carries its ticket …",
        "Error: An earlier run asked for a pipeline of gh/acme/lib and never learnt whether it was made; #1 cannot be looked into. (trigger.ambiguous)",
        "  - Look at the child project's newest pipelines.",
        "  - To begin anew all the same, trigger a new pipeline of this project, or set `on-rerun: new`: any other rerun looks for the same child again.",
      ],
    },
  ]);
});

test("says that there may be a child where the look for it gets no answer either", async () => {
  const list = `{ method: GET, path: ${path}, job: trigger, times: 99, then: { status: 400 } }`;
  const report = await playLoop({ "gh/acme/app": app, "gh/acme/lib": lib }, lost(list));
  expect([triggers(report), said(report, "trigger").exit]).toEqual([[[502], 1], 4]);
  expect(said(report, "trigger").lines[2]).toBe(
    'Error: POST /project/gh/acme/lib/pipeline was answered 502: "Bad Gateway": the child may or may not have been triggered; GET /project/gh/acme/lib/pipeline was answered 400: "Bad Request". (trigger.ambiguous)',
  );
});

test("finds the child in a rerun, once the service shows it", async () => {
  const report = await playLoop(
    { "gh/acme/app": app, "gh/acme/lib": lib.replace("30000", "600000") },
    `${lost(blind("values"), blind("config")).replaceAll("COUNT", "7")}
events: [{ on: { project: gh/acme/app, workflow: release, status: failed }, delay: 1m, do: rerun-from-failed }]`,
  );
  const [app1] = report.pipelines;
  expect([triggers(report), app1?.workflows.map(({ status }) => status), report.outcome]).toEqual([
    [[502], 1],
    ["failed", "success"],
    "success",
  ]);
});

describe("a rerun after a trigger that was never answered", () => {
  const neverMade = `{ method: POST, path: ${path}, then: { drop: true } }`;
  const rerunAfter = (delay: string, kind: string) =>
    `[{ on: { project: gh/acme/app, workflow: release, status: failed }, delay: ${delay}, do: ${kind} }]`;

  test.each(["rerun", "rerun-from-failed"])(
    "triggers anew once it is clear that nothing was made (%s)",
    async (kind) => {
      const report = await playLoop(
        { "gh/acme/app": app, "gh/acme/lib": lib },
        `faults: [${neverMade}]\nevents: ${rerunAfter("11m", kind)}`,
      );
      expect([triggers(report), report.outcome, said(report, "trigger").lines.slice(0, 2)]).toEqual([
        [[null, 201], 1],
        "success",
        [
          "An earlier run asked for a pipeline of gh/acme/lib and never learnt whether it was made: it was not, so one is triggered now.",
          "Triggering gh/acme/lib …",
        ],
      ]);
    },
  );

  test("triggers nothing as long as a pipeline may still be coming", async () => {
    const report = await playLoop(
      { "gh/acme/app": app, "gh/acme/lib": lib },
      `faults: [${neverMade}]\nevents: ${rerunAfter("5m", "rerun")}`,
    );
    expect([triggers(report), said(report, "trigger").exit, said(report, "trigger").lines[1]]).toEqual([
      [[null], 0],
      4,
      "Error: An earlier run asked for a pipeline of gh/acme/lib and never learnt whether it was made; gh/acme/lib lists no pipeline of that time. (trigger.ambiguous)",
    ]);
  });

  test("triggers nothing, however late, where a pipeline of that time cannot be looked into", async () => {
    const report = await playLoop(
      { "gh/acme/app": app, "gh/acme/lib": lib },
      `${lost(blind("values"), blind("config")).replaceAll("COUNT", "999")}\nevents: ${rerunAfter("11m", "rerun")}`,
    );
    expect([triggers(report), said(report, "trigger").exit, said(report, "trigger").lines[0]]).toEqual([
      [[502], 1],
      4,
      "Error: An earlier run asked for a pipeline of gh/acme/lib and never learnt whether it was made; #1 cannot be looked into. (trigger.ambiguous)",
    ]);
  });

  test("cannot look for a child that got no ticket, and triggers nothing", async () => {
    const mute = app
      .replace("approval-job: hold", 'ticket-parameter: ""')
      .replace("- hold: { type: approval, requires: [trigger] }", "")
      .replace("requires: [hold], ", "requires: [trigger], ");
    const report = await playLoop(
      { "gh/acme/app": mute, "gh/acme/lib": lib },
      `faults: [${neverMade}]\nevents: ${rerunAfter("11m", "rerun")}`,
    );
    expect([triggers(report), said(report, "trigger").exit]).toEqual([[[null], 0], 4]);
  });
});

test("triggers anew in a rerun where that is asked for", async () => {
  const report = await playLoop(
    {
      "gh/acme/app": app.replace("requires: [prepare]", "requires: [prepare]\n          on-rerun: new"),
      "gh/acme/lib": lib,
    },
    `${lost(blind("values"), blind("config")).replaceAll("COUNT", "7")}
events: [{ on: { project: gh/acme/app, workflow: release, status: failed }, delay: 1m, do: rerun-from-failed }]`,
  );
  expect([triggers(report), report.outcome]).toEqual([[[502, 201], 2], "success"]);
});

test("says what it has seen where nothing was made", async () => {
  const report = await playLoop(
    { "gh/acme/app": app, "gh/acme/lib": lib },
    `
trigger: [{ project: gh/acme/app }, { project: gh/acme/lib }]
faults: [{ method: POST, path: ${path}, then: { drop: true } }]
`,
  );
  expect(said(report, "trigger").lines.at(-2)).toMatch(
    /^Error: POST \/project\/gh\/acme\/lib\/pipeline got no answer from https:\/\/circleci\.com: .*: the child may or may not have been triggered; #1, made at that time, has another ticket or none\. \(trigger\.ambiguous\)$/,
  );
});

test("cannot look for a child that gets no ticket", async () => {
  const polling = app.replace("approval-job: hold", 'ticket-parameter: ""');
  const report = await playLoop({ "gh/acme/app": polling, "gh/acme/lib": lib }, lost());
  const { exit, lines } = said(report, "trigger");
  expect([exit, lines[1], triggers(report)]).toEqual([
    4,
    'Error: POST /project/gh/acme/lib/pipeline was answered 502: "Bad Gateway": the child may or may not have been triggered. (trigger.ambiguous)',
    [[502], 1],
  ]);
});
