import { describe, expect, test } from "vitest";
import type { Report } from "../../src/simulator/report/report.ts";
import { callsOf, child, jobOf, openGateOn, parent, runLoop, type Said, said } from "../support/loop.ts";

const approve = "method: POST, path: /api/v2/workflow/*/approve/*";
const readJobs = "method: GET, path: /api/v2/workflow/*/job, job: circle-back";

/** The child calls back while the hold waits, and the service answers as the faults say. */
function run(...faults: readonly string[]): Promise<Report> {
  return runLoop(
    { "gh/acme/app": parent(), "gh/acme/lib": child({ gate: true }) },
    `{ events: [${openGateOn("on_hold")}], faults: [${faults.join(", ")}] }`,
  );
}

interface End extends Said {
  readonly hold: string;
  readonly shipped: string;
  /** Answers to approvals. */
  readonly answers: readonly string[];
  readonly unused: readonly unknown[];
}

function endOf(report: Report): End {
  const { exit, lines: all } = said(report, "circle-back");
  const lines = all.filter((line) => line !== "All other jobs of this workflow have ended well.");
  return {
    exit,
    lines,
    hold: jobOf(report, "hold").status,
    shipped: jobOf(report, "ship").status,
    answers: callsOf(report, "circle-back")
      .filter((call) => call.startsWith("POST"))
      .map((call) => call.slice(call.lastIndexOf(" ") + 1)),
    unused: report.unused.faults,
  };
}

const released = { exit: 0, hold: "success", shipped: "success", unused: [] };
const approvedNow = "Approved `hold`: the parent goes on, /workflow-run/release";

describe.concurrent("the callback approves once", () => {
  test("when the answer to an approval that took effect is a bad gateway", async () => {
    expect(endOf(await run(`{ ${approve}, then: { status: 502, after: accepted } }`))).toEqual({
      ...released,
      answers: ["502"],
      lines: ["Warning: CircleCI answered with 502; looking again.", approvedNow],
    });
  });

  test("when the answer to an approval that took effect is lost", async () => {
    expect(endOf(await run(`{ ${approve}, then: { drop: true, after: accepted } }`))).toEqual({
      ...released,
      answers: ["cut"],
      lines: ["Warning: CircleCI answered with nothing; looking again.", approvedNow],
    });
  });

  test("when the connection breaks before the approval took effect", async () => {
    expect(endOf(await run(`{ ${approve}, then: { drop: true } }`))).toEqual({
      ...released,
      answers: ["cut", "202"],
      lines: ["Warning: CircleCI answered with nothing; looking again.", approvedNow],
    });
  });

  test("when the service asks for patience", async () => {
    const report = await run(`{ ${approve}, then: { status: 429, headers: { Retry-After: "1" } } }`);
    expect(endOf(report)).toEqual({
      ...released,
      answers: ["429", "202"],
      lines: [
        "Warning: POST /workflow/release/approve/hold was answered 429 (too many requests); trying again in 1.0 s.",
        approvedNow,
      ],
    });
  });

  test("when the service is out of order for the first look and the approval", async () => {
    const report = await run(
      `{ ${readJobs}, then: { status: 503 } }`,
      `{ ${approve}, times: 2, then: { status: 500 } }`,
    );
    expect(endOf(report)).toEqual({
      ...released,
      answers: ["500", "500", "202"],
      lines: [
        expect.stringMatching(
          /^Warning: GET \/workflow\/integration\/job was answered 503; trying again in \d\.\d s\.$/,
        ),
        "Warning: CircleCI answered with 500; looking again.",
        "Warning: CircleCI answered with 500; looking again.",
        approvedNow,
      ],
    });
  });

  test("when the list of jobs lags behind the approval", async () => {
    const report = await run(
      `{ ${readJobs}, times: 2, then: { delay: 1ms } }`,
      `{ ${readJobs}, times: 2, then: { stale: 700ms } }`,
    );
    expect(endOf(report)).toEqual({ ...released, answers: ["202"], lines: [approvedNow] });
  });

  test("when the approval cannot be read back at first", async () => {
    const report = await run(
      `{ ${readJobs}, times: 2, then: { delay: 1ms } }`,
      `{ ${readJobs}, then: { status: 404 } }`,
    );
    expect(endOf(report)).toEqual({
      ...released,
      answers: ["202"],
      lines: [
        "Warning: CircleCI accepted to approve `hold`, but does not show it; looking again.",
        approvedNow,
      ],
    });
  });
});

describe.concurrent("the callback fails and leaves the hold as it was", () => {
  const asItWas = { hold: "on_hold", shipped: "blocked", unused: [] };

  test("when the token's owner may not approve", async () => {
    const report = await run(`{ ${approve}, then: { status: 403, body: { message: "Permission denied" } } }`);
    expect(endOf(report)).toEqual({
      ...asItWas,
      exit: 3,
      answers: ["403"],
      lines: [
        'Error: release-bot may not do this: POST /workflow/release/approve/hold was answered 403: "Permission denied". (circleci.unauthorized)',
        "  - Give that user the role for it in the project; a token of the scope Read changes nothing: create one of the scope Write.",
      ],
    });
  });

  test("when the service refuses again and again", async () => {
    expect(endOf(await run(`{ ${approve}, times: 3, then: { status: 400 } }`))).toEqual({
      ...asItWas,
      exit: 4,
      answers: ["400", "400", "400"],
      lines: [
        "Warning: CircleCI answered with 400; looking again.",
        "Warning: CircleCI answered with 400; looking again.",
        "Warning: CircleCI answered with 400; looking again.",
        "Error: CircleCI refuses to approve `hold`: it answered 400. (circleci.failed)",
        "  - Check that the token's owner may approve jobs of the parent's project; the hold is as it was.",
      ],
    });
  });
});
