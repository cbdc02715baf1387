import { expect, test } from "vitest";
import { identifyUser } from "../../../src/simulator/api/users.ts";
import {
  type CheckWorld,
  check,
  holdId,
  type JobState,
  type WorkflowState,
} from "../../support/check-world.ts";
import { makeFault } from "../api/world.ts";

const back: JobState = {
  status: "success",
  stopped: -50,
  artifacts: { "circleback/callback/note.json": '{"version":1,"ownStepsFailed":false}' },
};

/** The hold was approved a minute before the check began. */
const hold: CheckWorld["hold"] = { status: "success", stopped: -60, by: "anna" };

function lib(jobs: WorkflowState["jobs"], more: Partial<WorkflowState> = {}): CheckWorld["children"] {
  return { lib: [{ name: "integration", status: "success", created: -600, jobs, ...more }] };
}

const late = lib({ lint: { status: "success", stopped: -100 }, test: { status: "success", stopped: -20 } });

test("says who approved too early, when, and before which jobs had ended; the child's own result counts", async () => {
  const { exit, lines } = await check({ hold, children: late });
  expect([exit, lines.slice(0, 3)]).toEqual([
    0,
    [
      "gh/acme/lib #1: integration is success",
      "Warning: anna approved `hold` at 2025-12-31T23:59:00.000Z, before gh/acme/lib #1 had ended (test).",
      "gh/acme/lib #1: success  /lib",
    ],
  ]);
});

test("fails for it with `allow-early-approval: false`, after the table", async () => {
  const parameters = { "allow-early-approval": "0" };
  const { exit, lines } = await check({ hold, children: late, parameters });
  expect([exit, lines]).toEqual([
    1,
    [
      "gh/acme/lib #1: integration is success",
      "gh/acme/lib #1: success  /lib",
      "  integration  success  /pipelines/github/acme/lib/1/workflows/integration",
      "    lint       success  /pipelines/github/acme/lib/1/workflows/integration/jobs/lint",
      "    test       success  /pipelines/github/acme/lib/1/workflows/integration/jobs/test",
      "Error: anna approved `hold` at 2025-12-31T23:59:00.000Z, before gh/acme/lib #1 had ended (test). (hold.early)",
      "  - Rerun this workflow from the start, or set `allow-early-approval: true`.",
    ],
  ]);
});

test("tells the child's failure before the haste of whoever approved", async () => {
  const parameters = { "allow-early-approval": "0" };
  const children = lib({ test: { status: "failed", stopped: -20 } }, { status: "failed" });
  const { exit, lines } = await check({ hold, children, parameters });
  expect([exit, lines.slice(-4, -2)]).toEqual([
    1,
    [
      "Warning: anna approved `hold` at 2025-12-31T23:59:00.000Z, before gh/acme/lib #1 had ended (test).",
      "Error: gh/acme/lib #1 ended failed (test failed). (child.failed)",
    ],
  ]);
});

test("promises nothing by `soft-fail` where it fails for the haste", async () => {
  const parameters = { "allow-early-approval": "0", "soft-fail": "1" };
  const children = lib({ test: { status: "failed", stopped: -20 } }, { status: "failed" });
  const { exit, lines } = await check({ hold, children, parameters });
  expect([exit, lines.slice(-3, -1)]).toEqual([
    1,
    [
      "Warning: gh/acme/lib #1 ended failed (test failed). That alone would not fail this job (`soft-fail`).",
      "Error: anna approved `hold` at 2025-12-31T23:59:00.000Z, before gh/acme/lib #1 had ended (test). (hold.early)",
    ],
  ]);
});

test("gives the id of somebody whom the service does not name", async () => {
  const faults = [makeFault("GET", "/api/v2/user/*", { status: 404 })];
  const { lines } = await check({ hold, children: late, faults });
  expect(lines[1]).toMatch(new RegExp(`^Warning: ${identifyUser("anna").id} approved`));
});

test("says that somebody did it where the service does not tell who", async () => {
  const { lines } = await check({ hold: { status: "success", stopped: -60, by: null }, children: late });
  expect(lines[1]).toMatch(/^Warning: Somebody approved/);
});

const quiet: readonly (readonly [string, Partial<CheckWorld>])[] = [
  ["approved after everything had ended", { hold: { status: "success", stopped: -10, by: "anna" } }],
  [
    "approved by the callback itself, which ends a little later",
    { children: lib({ test: "success", back }) },
  ],
  [
    "approved before a rerun of the child was made",
    { children: lib({ test: { status: "failed", stopped: -20 } }, { created: -40, status: "failed" }) },
  ],
  ["approved before jobs that never ran", { children: lib({ test: "success", never: "not_run" }) }],
  [
    "not approved, where the check does not hang on it",
    { hold: { status: "on_hold", stopped: null, by: null } },
  ],
  ["cancelled", { hold: { status: "canceled", stopped: -60, by: null } }],
];

test.each(quiet)("says nothing of a hold that was %s", async (_, world) => {
  const parameters = { "allow-early-approval": "0" };
  const { lines } = await check({ hold, children: late, parameters, ...world });
  expect(lines.filter((line) => line.includes("approved"))).toEqual([]);
});

test("asks for nobody's name where there is no hold", async () => {
  const { calls } = await check({ children: late });
  expect(calls.filter((call) => call.includes("/user/"))).toEqual([]);
});

/** A workflow's callback that approved the hold by itself, and ended a little later. */
const approver: JobState = {
  status: "success",
  stopped: -50,
  artifacts: {
    "circleback/callback/note.json": JSON.stringify({
      version: 1,
      ownStepsFailed: false,
      hasCalledBack: true,
      approved: [holdId],
    }),
  },
};

const slow: WorkflowState = {
  name: "deploy",
  status: "success",
  created: -600,
  jobs: { deploy: { status: "success", stopped: -30 } },
};

/** Integration in several runs, each `[created, stopped, end, how many automatic reruns there were before]`. */
function attempts(
  ...runs: readonly (readonly [number, number, "failed" | "success", number])[]
): CheckWorld["children"] {
  const lib = runs.map(([created, stopped, status, number]): WorkflowState => {
    const autoReruns = [number, runs.some(([, , , other]) => other > 0) ? 2 : 0] as const;
    return {
      name: "integration",
      status,
      created,
      stopped,
      autoReruns,
      jobs: { [`test at ${created}`]: { status, stopped } },
    };
  });
  return { lib };
}

const wrong: readonly (readonly [string, string, CheckWorld["children"]])[] = [
  [
    "in a failed automatic attempt",
    "test at -90",
    attempts([-90, -50, "failed", 0], [-49, -20, "success", 1]),
  ],
  [
    "between two automatic attempts",
    "integration",
    attempts([-90, -61, "failed", 0], [-59, -20, "success", 1]),
  ],
  [
    "in the second of three automatic attempts",
    "test at -70",
    attempts([-90, -71, "failed", 0], [-70, -40, "failed", 1], [-39, -20, "success", 2]),
  ],
  [
    "in a rerun by hand that failed, and was rerun once more",
    "test at -90",
    attempts([-300, -200, "failed", 0], [-90, -40, "failed", 0], [-30, -20, "success", 0]),
  ],
  [
    "by a human in one workflow after the callback of another found it done",
    "deploy",
    { lib: [slow, ...(lib({ back }).lib ?? [])] },
  ],
];

test.each(wrong)("notices a click %s", async (_, unfinished, children) => {
  const parameters = { "allow-early-approval": "0" };
  const { exit, lines } = await check({ hold, children, parameters });
  expect([exit, lines.find((line) => line.includes("approved"))]).toEqual([
    1,
    `Error: anna approved \`hold\` at 2025-12-31T23:59:00.000Z, before gh/acme/lib #1 had ended (${unfinished}). (hold.early)`,
  ]);
});

const right: readonly (readonly [string, Partial<CheckWorld>])[] = [
  [
    "a callback of one workflow while another goes on",
    { children: { lib: [slow, ...(lib({ approver }).lib ?? [])] } },
  ],
  [
    "a callback in a workflow that does not count",
    {
      children: { lib: [slow, ...(lib({ approver }).lib ?? [])] },
      parameters: { "allow-early-approval": "0", "child-workflows": "deploy" },
    },
  ],
  [
    "a callback in a run that was replaced since",
    {
      children: {
        lib: [
          slow,
          ...(lib({ approver }, { status: "failed" }).lib ?? []),
          ...(lib({ test: { status: "success", stopped: -20 } }, { created: -40 }).lib ?? []),
        ],
      },
    },
  ],
  [
    "somebody after a failure that was rerun by hand later",
    { children: attempts([-90, -61, "failed", 0], [-40, -20, "success", 0]) },
  ],
  [
    "somebody when CircleCI repeated it later than it ever does",
    { children: attempts([-500, -300, "failed", 0], [-40, -20, "success", 1]) },
  ],
];

test.each(right)("does not blame %s", async (_, world) => {
  const parameters = { "allow-early-approval": "0" };
  const { exit, lines } = await check({ hold, children: late, parameters, ...world });
  expect([exit, lines.filter((line) => line.includes("approved"))]).toEqual([0, []]);
});
