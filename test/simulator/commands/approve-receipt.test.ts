import { describe, expect, test } from "vitest";
import type { Report } from "../../../src/simulator/report/report.ts";
import { callsOf, jobOf, said } from "../../support/loop.ts";
import { playLoop } from "../../support/virtual-loop.ts";
import { callingWorkflow, child, parent } from "../../support/work-configs.ts";

const well = "All other jobs of this workflow have ended well.";
const approval = "Approved `hold`: the parent goes on, https://circleci.com/workflow-run/release";

/** How the callback ended, what became of the hold, and what was asked to change. */
function endOf(report: Report, hold = "hold") {
  return {
    ...said(report, "circle-back"),
    hold: jobOf(report, hold).status,
    posts: callsOf(report, "circle-back").filter((call) => call.startsWith("POST")),
  };
}

const woken = {
  exit: 0,
  lines: [well, approval],
  hold: "success",
  posts: ["POST /workflow/release/approve/hold 202"],
};

function refused(sentence: string) {
  return {
    exit: 2,
    lines: [
      well,
      `Error: ${sentence} (hold.foreign)`,
      "  - Let trigger-and-wait trigger this pipeline, in the job that the approval job requires.",
      "  - For a parent that triggers by other means: `require-receipt: false` with `allowed-parents`.",
      "  - The hold is as it was.",
    ],
    hold: "on_hold",
    posts: [],
  };
}

describe("a hold that a ticket names", () => {
  const lib = child({ test: "success" }, callingWorkflow("integration", ["test"]));
  const artifacts = "method: GET, path: /api/v2/project/gh/acme/app/*/artifacts, job: circle-back";

  test("is approved where the receipt of the job that it requires names this pipeline", async () => {
    expect(endOf(await playLoop({ "gh/acme/app": parent(), "gh/acme/lib": lib }))).toEqual(woken);
  });

  test.each(["{ body: { items: [], next_page_token: null } }", "{ stale: 1h }"])(
    "is approved once a receipt is listed that comes late: %s",
    async (then) => {
      const report = await playLoop(
        { "gh/acme/app": parent(), "gh/acme/lib": lib },
        `faults: [{ ${artifacts}, times: 3, then: ${then} }]`,
      );
      const looks = callsOf(report, "circle-back").filter((call) => call.includes("/artifacts "));
      expect([endOf(report), looks.length]).toEqual([woken, 4]);
    },
  );

  test("is approved where the list of artifacts is thirty seconds old", async () => {
    const report = await playLoop(
      { "gh/acme/app": parent(), "gh/acme/lib": lib },
      `faults: [{ ${artifacts}, times: 99, then: { stale: 30s } }]`,
    );
    expect(endOf(report)).toEqual(woken);
  });

  test("is refused where no receipt is ever listed", async () => {
    const report = await playLoop(
      { "gh/acme/app": parent(), "gh/acme/lib": lib },
      `faults: [{ ${artifacts}, times: 99, then: { body: { items: [], next_page_token: null } } }]`,
    );
    expect(endOf(report)).toEqual(
      refused(
        "The hold `hold` of gh/acme/app does not wait for this pipeline: it requires `trigger`, without a receipt that names it.",
      ),
    );
  });

  test.each(["no JSON", "{}", '{"version":2}'])("is refused where the receipt is %s", async (text) => {
    const report = await playLoop(
      { "gh/acme/app": parent(), "gh/acme/lib": lib },
      `faults: [{ method: GET, path: /output/job/*/artifacts/0/circleback/child.json, times: 99, then: { body: '${text}' } }]`,
    );
    expect(endOf(report).exit).toBe(2);
    expect(endOf(report).hold).toBe("on_hold");
  });

  test("stays as it is where the receipt cannot be read", async () => {
    const report = await playLoop(
      { "gh/acme/app": parent(), "gh/acme/lib": lib },
      `faults: [{ ${artifacts}, times: 99, then: { status: 403 } }]`,
    );
    expect([endOf(report).exit, endOf(report).hold, endOf(report).posts]).toEqual([3, "on_hold", []]);
  });
});

/** Its child is told of the parent's pipeline by the parameter `mode`, and names a hold by itself. */
const app = parent({
  trigger: "parameters: mode=<< pipeline.id >>",
  more: "- build\n      - other: { type: approval, requires: [build] }\n      - bare: { type: approval }",
  works: { build: "success" },
});

function listener(hold: string, more: string): string {
  const callback = `pipeline-id: << pipeline.parameters.mode >>, approval-job: ${hold}, ${more}`;
  return child({ test: "success" }, callingWorkflow("integration", ["test"], { callback })).replace(
    "ticket: << pipeline.parameters.circleback >>, ",
    "",
  );
}

describe("a hold that is named by a pipeline's id", () => {
  test("is approved where a receipt names this pipeline", async () => {
    const report = await playLoop({ "gh/acme/app": app, "gh/acme/lib": listener("hold", "") });
    expect(endOf(report)).toEqual(woken);
  });

  test.each([
    [
      "other",
      "The hold `other` of gh/acme/app does not wait for this pipeline: it requires `build`, without a receipt that names it.",
    ],
    [
      "bare",
      "The hold `bare` of gh/acme/app does not wait for this pipeline: it requires no job, without a receipt that names it.",
    ],
  ])("is refused where the job that it requires has no receipt: %s", async (hold, sentence) => {
    const report = await playLoop({ "gh/acme/app": app, "gh/acme/lib": listener(hold, "") });
    expect(endOf(report, hold)).toEqual(refused(sentence));
  });

  test("is refused where the receipt names another child of the same parent", async () => {
    const second = `- circleback/trigger-and-wait: { name: second, project: gh/acme/lib, receipt: second, approval-job: second-hold, parameters: mode=, context: circleback }
      - second-hold: { type: approval, requires: [second] }`;
    const report = await playLoop({
      "gh/acme/app": parent({ trigger: "parameters: mode=<< pipeline.id >>", more: second }),
      "gh/acme/lib": listener("second-hold", "").replaceAll(
        'filters: pipeline.parameters.circleback != ""',
        'filters: pipeline.parameters.mode != ""',
      ),
    });
    expect([endOf(report, "second-hold"), jobOf(report, "hold").status]).toEqual([
      refused(
        "The hold `second-hold` of gh/acme/app does not wait for this pipeline: it requires `second`, without a receipt that names it.",
      ),
      "on_hold",
    ]);
  });

  test.each(["gh/acme/app", "github/acme/app", "gh/acme/*", "github/*", "gh/other/*, gh/acme/app", "*"])(
    "is approved without a receipt where %s allows the parent",
    async (slugs) => {
      const more = `require-receipt: false, allowed-parents: "${slugs}"`;
      const report = await playLoop({ "gh/acme/app": app, "gh/acme/lib": listener("other", more) });
      expect([endOf(report, "other").exit, endOf(report, "other").hold]).toEqual([0, "success"]);
    },
  );

  test.each(["gh/acme/application", "gh/acme", "bb/acme/*", "gh/acme/ap?"])(
    "is refused, receipt or not, where only %s is allowed",
    async (slugs) => {
      for (const [hold, receipt] of [
        ["hold", "true"],
        ["other", "false"],
      ] as const) {
        const more = `require-receipt: ${receipt}, allowed-parents: "${slugs}"`;
        const report = await playLoop({ "gh/acme/app": app, "gh/acme/lib": listener(hold, more) });
        expect(endOf(report, hold)).toEqual({
          exit: 2,
          lines: [
            well,
            `Error: gh/acme/app is not among \`allowed-parents\`: ${slugs}. (hold.foreign)`,
            "  - Add the parent's slug if this pipeline may wake it.",
            "  - The hold is as it was.",
          ],
          hold: "on_hold",
          posts: [],
        });
      }
    },
  );

  test("is not even looked for where anybody could name it", async () => {
    const report = await playLoop({
      "gh/acme/app": app,
      "gh/acme/lib": listener("other", "require-receipt: false"),
    });
    expect([
      said(report, "circle-back"),
      callsOf(report, "circle-back"),
      jobOf(report, "other").status,
    ]).toEqual([
      {
        exit: 2,
        lines: [
          "Error: With `require-receipt: false` anybody who can set a pipeline parameter could name any approval job. (parameter.invalid)",
          "  - Name the parents that this pipeline may wake: `allowed-parents: gh/acme/app`.",
        ],
      },
      [],
      "on_hold",
    ]);
  });
});
