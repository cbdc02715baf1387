import { describe, expect, test } from "vitest";
import { child, endOf, jobsOf, neverStarted, parent, pipelinesOf, woken } from "../support/failure-mode.ts";
import { runLoop } from "../support/loop.ts";
import { outputOf } from "../support/simulator.ts";

/** What can go wrong between the request for a child and its first workflow, each in one run of the packed orb. */

const trigger = "method: POST, path: /api/v2/project/gh/acme/lib/pipeline";
const workflows = "method: GET, path: /api/v2/pipeline/*/workflow";
const impatient = parent({ startTimeout: "2s" });

describe.concurrent("identity and start", () => {
  test("1: accepted, but no workflow ever runs", async () => {
    const nothing = child("- pass", { workflow: "when: false" });
    const report = await runLoop({ "gh/acme/app": impatient, "gh/acme/lib": nothing });
    expect(endOf(report)).toEqual({ ...neverStarted, trigger: "8 child.start-timeout", children: [""] });
  });

  test("2: skipped because of the commit's message, so there is no pipeline", async () => {
    const skipped = "status: 200, body: { message: Ignoring pipeline due to CI skip in the commit }";
    const report = await runLoop(
      { "gh/acme/app": parent(), "gh/acme/lib": child() },
      `faults: [{ ${trigger}, then: { ${skipped} } }]`,
    );
    expect(endOf(report)).toEqual({ ...neverStarted, trigger: "4 trigger.refused" });
  });

  test("3: created, and for a while without a workflow", async () => {
    const report = await runLoop(
      { "gh/acme/app": parent(), "gh/acme/lib": child() },
      `faults: [{ ${workflows}, job: trigger, then: { body: { items: [], next_page_token: null } } }]`,
    );
    expect([endOf(report), report.unused.faults]).toEqual([woken, []]);
  });

  test("4: errored, since it does not declare a parameter", async () => {
    const report = await runLoop({
      "gh/acme/app": parent({ trigger: "parameters: colour=red" }),
      "gh/acme/lib": child(),
    });
    expect([endOf(report), outputOf(report, "trigger")]).toEqual([
      { ...neverStarted, trigger: "1 child.failed", children: [""] },
      expect.stringContaining("Unexpected argument(s): colour"),
    ]);
  });

  test("5: a setup workflow that ends well, and a failure in what it continues", async () => {
    const setup = `
version: 2.1
setup: true
parameters: { circleback: { type: string, default: "" }, mode: { type: string, default: "" } }
jobs:
  plan:
    docker: [{ image: "cimg/base:stable" }]
    steps:
      - checkout
      - run: |
          jq -n --arg key "$CIRCLE_CONTINUATION_KEY" --rawfile configuration next.yml \\
            '{"continuation-key": $key, configuration: $configuration}' |
            curl -fsS -d @- -H 'Content-Type: application/json' https://circleci.com/api/v2/pipeline/continue
workflows:
  setup: { jobs: [plan] }
`;
    const report = await runLoop({
      "gh/acme/app": parent(),
      "gh/acme/lib": {
        ".circleci/config.yml": setup,
        "next.yml": child("- fail", { requires: "fail: terminal" }),
      },
    });
    expect(endOf(report)).toEqual({
      ...woken,
      check: "1 child.failed",
      parent: "failed",
      children: ["setup success, integration failed"],
    });
  });

  test("6: made, but the answer was lost, so a retry would make a second one", async () => {
    const report = await runLoop(
      { "gh/acme/app": parent(), "gh/acme/lib": child() },
      `faults: [{ ${trigger}, then: { status: 502, after: accepted } }]`,
    );
    expect([endOf(report), outputOf(report, "trigger")]).toEqual([
      woken,
      expect.stringContaining("Found it: gh/acme/lib #1."),
    ]);
  });

  test("7: refused, since the organization blocks all new work", async () => {
    const report = await runLoop(
      { "gh/acme/app": parent(), "gh/acme/lib": child() },
      `faults: [{ ${trigger}, then: { status: 403, body: { message: New work is blocked } } }]`,
    );
    expect([endOf(report), outputOf(report, "trigger")]).toEqual([
      { ...neverStarted, trigger: "3 circleci.unauthorized" },
      expect.stringContaining("New work is blocked"),
    ]);
  });

  test("8: two parents at once, each of which must find its own child, although both answers were lost", async () => {
    const report = await runLoop(
      {
        "gh/acme/app": parent({ trigger: "parameters: mode=<< pipeline.parameters.mode >>" }),
        "gh/acme/lib": child("- obedient", { requires: "obedient: terminal" }),
      },
      `
trigger:
  - { project: gh/acme/app, parameters: { mode: good } }
  - { project: gh/acme/app, parameters: { mode: bad } }
faults: [{ ${trigger}, times: 2, then: { drop: true, after: accepted } }]
`,
    );
    const apps = pipelinesOf(report, "gh/acme/app");
    expect([
      apps.map(({ parameters, workflows: [release] }) => [parameters.mode, release?.status]),
      jobsOf(apps, "hold").map(({ approved_by }) => approved_by),
      pipelinesOf(report, "gh/acme/lib").length,
      endOf(report).approvals,
    ]).toEqual([
      [
        ["good", "success"],
        ["bad", "failed"],
      ],
      ["release-bot", "release-bot"],
      2,
      2,
    ]);
  });
});
