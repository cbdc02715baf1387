import { describe, expect, test } from "vitest";
import { identifyUser } from "../../../src/simulator/api/users.ts";
import type { Pipeline, Workflow } from "../../../src/simulator/engine/state.ts";
import { lib, makeSweepWorld } from "../../support/sweep-world.ts";
import { app, compiledWith, makeFault, secret } from "../api/world.ts";

type World = ReturnType<typeof makeSweepWorld>;

function runOf({ workflows }: Pipeline, place = 0): Workflow {
  const run = workflows[place];
  if (run === undefined) throw new Error(`no workflow ${place}`);
  return run;
}

function compiled(onFailure: string) {
  return {
    ...compiledWith("circle-back"),
    yaml: `environment:\n  CIRCLEBACK_PARAM_ON_FAILURE: ${onFailure}\n`,
  };
}

/** What a sweep says of the one parent that there is, without the place and the summary. */
async function sayOfParent(world: World): Promise<string | undefined> {
  const { lines } = await world.run();
  return lines[0]?.replace("gh/acme/app #1, release: `hold` ", "").replace(/ \/pipelines.*/, "");
}

describe("a hold whose child has ended is approved", () => {
  test.each(["success", "failed", "canceled", "unauthorized", "error", "not_run"] as const)(
    "as %s",
    async (status) => {
      const world = makeSweepWorld();
      const { hold } = world.addParent(world.add(lib, status));
      expect([await sayOfParent(world), hold.status, hold.approvedBy?.login]).toEqual([
        `is approved: gh/acme/lib #1 has ended (integration is ${status}), and has not called back.`,
        "success",
        "release-bot",
      ]);
    },
  );

  test("although the answer to that is lost", async () => {
    const path = "/api/v2/workflow/*/approve/*";
    const world = makeSweepWorld([makeFault("POST", path, { drop: true, afterAccepted: true })]);
    const { hold } = world.addParent(world.add(lib, "success"));
    const { lines } = await world.run();
    expect([hold.status, lines[1]?.includes("`hold` is approved: "), lines[2]]).toEqual([
      "success",
      true,
      expect.stringContaining(": 1 hold approved, 0 cancelled, 0 left;"),
    ]);
  });

  test("without ever having had a workflow", async () => {
    const world = makeSweepWorld();
    const { hold } = world.addParent(world.add(lib, "no workflow"));
    expect([await sayOfParent(world), hold.status]).toEqual([
      "is approved: gh/acme/lib #1 never got a workflow.",
      "success",
    ]);
  });

  test("because its configuration is bad", async () => {
    const world = makeSweepWorld();
    const errors: Pipeline["errors"] = [{ type: "config", message: "Bad indentation" }];
    world.addParent(world.add(lib, "no workflow", { state: "errored", errors }));
    expect(await sayOfParent(world)).toBe("is approved: gh/acme/lib #1 could not start: Bad indentation.");
  });

  test("and was never made, as far as its ticket can tell", async () => {
    const world = makeSweepWorld();
    world.add(lib, "success", { createdAt: world.ago(200) });
    world.add(lib, "success", { parameters: {}, values: { "parameters.circleback": "cb1.other" } });
    const { hold } = world.addParent(null);
    expect([await sayOfParent(world), hold.status]).toEqual([
      "is approved: the pipeline of gh/acme/lib that it asked for was never made.",
      "success",
    ]);
  });

  test("in a workflow that has failed elsewhere, and in one that still does other things", async () => {
    const world = makeSweepWorld();
    const child = world.add(lib, "canceled");
    const [failing, running] = [world.addParent(child), world.addParent(child)];
    runOf(failing.pipeline).status = "failing";
    runOf(running.pipeline).status = "running";
    await world.run();
    expect([failing.hold.status, running.hold.status]).toEqual(["success", "success"]);
  });

  test("in its newest run, whatever came of older ones", async () => {
    const world = makeSweepWorld();
    const child = world.add(lib, "success");
    world.addRun(child, "failed");
    world.addParent(child);
    expect(await sayOfParent(world)).toBe(
      "is approved: gh/acme/lib #1 has ended (integration is failed), and has not called back.",
    );
  });
});

describe("a hold is left as it is", () => {
  test("while its child is under way, or asleep on a hold of its own", async () => {
    const world = makeSweepWorld();
    const child = world.add(lib, "success");
    world.addRun(child, "on_hold", { name: "deploy" });
    const { hold } = world.addParent(child);
    expect([await sayOfParent(world), hold.status]).toEqual([
      "is left as it is: gh/acme/lib #1 is still under way (deploy is on_hold).",
      "on_hold",
    ]);
  });

  test("while CircleCI may run the child again by itself", async () => {
    const world = makeSweepWorld();
    const child = world.add(lib, "no workflow");
    world.addRun(child, "failed", { createdAt: world.ago(2), stoppedAt: world.ago(0.5), maxAutoReruns: 1 });
    world.addParent(child);
    expect(await sayOfParent(world)).toBe(
      "is left as it is: gh/acme/lib #1 is still under way (it may run again by itself).",
    );
  });

  test("while the child is too young to have a workflow", async () => {
    const world = makeSweepWorld();
    world.addParent(world.add(lib, "no workflow", { createdAt: world.ago(5) }));
    expect(await sayOfParent(world)).toBe("is left as it is: gh/acme/lib #1 is only just beginning.");
  });

  test("while a trigger without an answer is too young to be given up", async () => {
    const world = makeSweepWorld();
    world.addParent(null, { sentAt: world.ago(0.4) });
    expect(await sayOfParent(world)).toBe(
      "is left as it is: the pipeline of gh/acme/lib that it asked for may only just be coming.",
    );
  });

  test("while a child without an answer is under way, found by its ticket on a later page", async () => {
    const world = makeSweepWorld();
    world.add(lib, "running", { values: { "parameters.circleback": "cb1.ticket" } });
    for (let newer = 0; newer < 25; newer++) world.add(lib, "success", { createdAt: world.ago(100) });
    world.addParent(null, { ticket: "cb1.ticket" });
    expect(await sayOfParent(world)).toBe(
      "is left as it is: gh/acme/lib #1 is still under way (integration is running).",
    );
  });

  test("where nobody can tell whether the child was made", async () => {
    const world = makeSweepWorld([makeFault("GET", "/api/v2/pipeline/*/values", { status: 403 })]);
    world.add(lib, "success");
    world.addParent(null);
    expect(await sayOfParent(world)).toBe(
      "is left as it is: the pipeline of gh/acme/lib that it asked for cannot be told: #1 cannot be looked into.",
    );
  });

  test("where another user has triggered a pipeline with the child's ticket", async () => {
    const world = makeSweepWorld();
    world.add(lib, "success", {
      values: { "parameters.circleback": "cb1.ticket" },
      trigger: { type: "api", actor: identifyUser("eve"), receivedAt: world.ago(180) },
    });
    world.addParent(null, { ticket: "cb1.ticket" });
    expect(await sayOfParent(world)).toBe(
      "is left as it is: the pipeline of gh/acme/lib that it asked for cannot be told: #1 carries its ticket, but was triggered by eve, not by release-bot.",
    );
  });

  test("unless all of the children that it waits for have ended", async () => {
    const world = makeSweepWorld();
    const { pipeline } = world.addParent(world.add(lib, "failed"));
    const trigger = runOf(pipeline).jobs[0];
    if (trigger === undefined) throw new Error("no trigger");
    const second = world.add(lib, "running");
    world.leave(trigger, "circleback/second.json", {
      ...{ version: 1, receipt: "second", project: "gh/acme/lib", branch: "", tag: "", nonce: "n" },
      ...{ request: "r", ticket: "t", sentAt: 0, hold: "hold", cancelChild: false },
      parent: { project: "gh/acme/app", pipelineId: "p", workflowId: "w", workspaceId: "w" },
      pipeline: { id: second.id, number: 2, url: "https://second" },
    });
    expect(await sayOfParent(world)).toBe(
      "is left as it is: gh/acme/lib #2 is still under way (integration is running).",
    );
    runOf(second).status = "success";
    expect(await sayOfParent(world)).toBe(
      "is approved: gh/acme/lib #1 has ended (integration is failed), and has not called back; gh/acme/lib #2 has ended (integration is success), and has not called back.",
    );
  });

  test("where its receipt names a pipeline that is not there", async () => {
    const world = makeSweepWorld();
    const { hold } = world.addParent(world.add(secret, "success"));
    const { exit, lines } = await world.run();
    expect([exit, hold.status, lines]).toEqual([
      0,
      "on_hold",
      [
        "gh/acme/app #1, release: `hold` is left as it is: gh/acme/lib #1 cannot be found, although its project can be seen.",
        "Looked at 1 pipeline of 1 project with 9 requests: 0 holds approved, 0 cancelled, 1 left; 0 children cancelled.",
      ],
    ]);
  });

  test.each([
    ["a pipeline", (world: World) => world.add(secret, "success"), "gh/other/secret #1"],
    ["a lost answer", () => null, "the pipeline of gh/other/secret that it asked for"],
  ] as const)(
    "where the token cannot see the project of the child, known by %s: reported, others swept, the end is red",
    async (_, makeChild, name) => {
      const world = makeSweepWorld();
      const first = world.addParent(makeChild(world), { project: "gh/other/secret" });
      const second = world.addParent(world.add(lib, "failed"));
      const { exit, lines } = await world.run();
      const reason =
        'There is no project gh/other/secret, or release-bot cannot see it (GET /project/gh/other/secret/pipeline was answered 404: "Project not found").';
      expect([exit, first.hold.status, second.hold.status, lines.slice(1, 2), lines.slice(3)]).toEqual([
        5,
        "on_hold",
        "success",
        [`gh/acme/app #1, release: \`hold\` is left as it is: ${name} is in a project that cannot be seen.`],
        [
          `Error: Not everything could be swept: ${name}, child of gh/acme/app #1, release. (circleci.not-found)`,
          "  - Check the spelling, and that release-bot has access to the project on CircleCI and on its repository.",
          `  caused by: ${reason}`,
        ],
      ]);
      expect(lines[2]).toMatch(/: 1 hold approved, 0 cancelled, 1 left; 0 children cancelled\.$/);
    },
  );
});

describe("what the child's callback would have done to the hold of a failure", () => {
  test.each([
    [
      "cancel",
      "failed",
      "is cancelled: gh/acme/lib #1 has ended (integration is failed), and has not called back.",
      "canceled",
    ],
    [
      "cancel",
      "canceled",
      "is cancelled: gh/acme/lib #1 has ended (integration is canceled), and has not called back.",
      "canceled",
    ],
    [
      "cancel",
      "success",
      "is approved: gh/acme/lib #1 has ended (integration is success), and has not called back.",
      "success",
    ],
    [
      "approve",
      "failed",
      "is approved: gh/acme/lib #1 has ended (integration is failed), and has not called back.",
      "success",
    ],
    [
      "leave",
      "unauthorized",
      "is left as it is: gh/acme/lib #1 has ended (integration is unauthorized), and has not called back; its `on-failure: leave` asks for a human.",
      "on_hold",
    ],
  ] as const)("is done by the sweep: %s after %s", async (onFailure, status, said, end) => {
    const world = makeSweepWorld();
    const { hold } = world.addParent(world.add(lib, status, { compiled: compiled(onFailure) }));
    expect([await sayOfParent(world), hold.status]).toEqual([said, end]);
  });

  test("is not done where nothing but the callback has failed", async () => {
    const world = makeSweepWorld();
    const child = world.add(lib, "failed", { compiled: compiled("cancel") });
    world.addBuild(runOf(child), "test");
    const callback = world.addBuild(runOf(child), "circle-back", { status: "failed" });
    world.leave(callback, "circleback/callback/note.json", { version: 1, ownStepsFailed: false });
    const { hold } = world.addParent(child);
    expect([await sayOfParent(world), hold.status]).toEqual([
      "is approved: gh/acme/lib #1 has ended (integration is failed), and has not called back.",
      "success",
    ]);
  });

  test.each([
    ["cannot be read", { status: 400 }],
    ["is empty", { body: { source: "", compiled: "" } }],
  ])("is not guessed where the child's configuration %s", async (_, effect) => {
    const world = makeSweepWorld([makeFault("GET", "/api/v2/pipeline/*/config", effect)]);
    const { hold } = world.addParent(world.add(lib, "failed"));
    const { exit, lines } = await world.run();
    expect([exit, hold.status, lines.at(-2)?.split(" (")[0]]).toEqual([
      4,
      "on_hold",
      "Error: Not everything could be swept: `hold` of gh/acme/app #1, release.",
    ]);
  });
});

test("a setup workflow is not looked at", async () => {
  const world = makeSweepWorld();
  const workflow = world.addRun(world.add(app, "no workflow"), "on_hold", { tag: "setup" });
  world.leaveReceipt(world.addBuild(workflow, "trigger"), world.add(lib, "failed"));
  const hold = world.addHold(workflow, "hold", ["trigger"]);
  const { exit, calls } = await world.run();
  expect([exit, hold.status, calls.filter((call) => call.includes("/job "))]).toEqual([0, "on_hold", []]);
});

describe("a hold that no receipt names is not touched", () => {
  const alone = "is left alone: no receipt names it.";

  test("where its job has left none, or one for another hold", async () => {
    const world = makeSweepWorld();
    const { hold } = world.addParent(world.add(lib, "failed"), { hold: "other" });
    expect([await sayOfParent(world), hold.status]).toEqual([alone, "on_hold"]);
  });

  test("where a job has left one that the hold does not require", async () => {
    const world = makeSweepWorld();
    const workflow = runOf(world.add(app, "on_hold"));
    world.leaveReceipt(world.addBuild(workflow, "other"), world.add(lib, "failed"));
    world.addBuild(workflow, "trigger");
    const hold = world.addHold(workflow, "hold", ["trigger"]);
    expect([await sayOfParent(world), hold.status]).toEqual([alone, "on_hold"]);
  });

  test.each([
    ["no JSON", "{", "is no receipt of this version of circleback"],
    ["of another version", { version: 2 }, "is no receipt of this version of circleback"],
  ])("where the receipt is %s", async (_, content, words) => {
    const world = makeSweepWorld();
    const workflow = runOf(world.add(app, "on_hold"));
    world.leave(world.addBuild(workflow, "trigger"), "circleback/child.json", content);
    const hold = world.addHold(workflow, "hold", ["trigger"]);
    const next = world.addParent(world.add(lib, "failed"));
    const { exit, lines } = await world.run();
    expect([exit, hold.status, next.hold.status, lines.slice(1, 3)]).toEqual([
      0,
      "on_hold",
      "success",
      [
        `Warning: circleback/child.json of trigger (gh/acme/app) ${words}; it counts for nothing.`,
        "gh/acme/app #1, release: `hold` is left alone: no receipt names it.",
      ],
    ]);
  });

  test("where the receipt would lead the API astray", async () => {
    const world = makeSweepWorld();
    const child = world.add(lib, "failed");
    world.addParent(child, { pipeline: { id: "../../me?", number: 1, url: "" } });
    world.addParent(child, { pipeline: null, project: "gh/acme/../../me" });
    const { exit, lines, calls } = await world.run();
    expect([
      exit,
      lines.filter((line) => line.startsWith("Warning")),
      calls.filter((call) => /\bme\b/.test(call)),
    ]).toEqual([
      0,
      [
        'Warning: circleback/child.json of trigger (gh/acme/app) names a child\'s project that is no project slug: "gh/acme/../../me"; it counts for nothing.',
        'Warning: circleback/child.json of trigger (gh/acme/app) names no pipeline: "../../me?"; it counts for nothing.',
      ],
      [],
    ]);
  });

  test("where it is not there to be read", async () => {
    const world = makeSweepWorld([
      makeFault("GET", "/output/job/*/artifacts/0/circleback/child.json", { status: 404 }),
    ]);
    const { hold } = world.addParent(world.add(lib, "failed"));
    const { exit, lines } = await world.run();
    expect([exit, hold.status, lines.filter((line) => !line.startsWith("  - "))]).toEqual([
      4,
      "on_hold",
      [
        "Warning: `hold` of gh/acme/app #1, release: circleback/child.json of trigger (gh/acme/app) cannot be read (GET /output/job/trigger/artifacts/0/circleback/child.json was answered 404), so nothing is decided by it.",
        "Looked at 1 pipeline of 1 project with 5 requests: 0 holds approved, 0 cancelled, 1 left; 0 children cancelled.",
        "Error: Not everything could be swept: `hold` of gh/acme/app #1, release. (circleci.failed)",
        expect.stringMatching(/^ {2}caused by: /),
        expect.stringMatching(/^ {2}caused by: /),
      ],
    ]);
  });
});

describe("one that somebody else resolves at the same time", () => {
  test.each(["alone", "beside a rerun that sleeps, too"])(
    "is approved once, and the sweep says so (%s)",
    async (how) => {
      const world = makeSweepWorld();
      const { pipeline, hold } = world.addParent(world.add(lib, "failed"));
      if (how !== "alone") {
        const rerun = world.addRun(pipeline, "on_hold");
        world.leaveReceipt(world.addBuild(rerun, "trigger"), world.add(lib, "running"));
        world.addHold(rerun, "hold", ["trigger"]);
      }
      const [one, other] = await Promise.all([world.run(), world.run()]);
      const said = [one, other]
        .map(({ exit, lines }) => [
          exit,
          lines
            .filter((line) => !line.includes("is still under way"))[0]
            ?.split(": `hold` ")[1]
            ?.split(": ")[0],
        ])
        .sort();
      expect([hold.status, said]).toEqual([
        "success",
        [
          [0, "is approved"],
          [0, "is approved meanwhile"],
        ],
      ]);
    },
  );

  test("is approved again where the service was out of order, and refused at last", async () => {
    const flaky = makeSweepWorld([
      makeFault("POST", "/api/v2/workflow/*/approve/*", { status: 502 }, { times: 1 }),
    ]);
    const { hold } = flaky.addParent(flaky.add(lib, "failed"));
    const first = await flaky.run();
    const closed = makeSweepWorld([
      makeFault("POST", "/api/v2/workflow/*/approve/*", { status: 403 }, { times: 9 }),
    ]);
    closed.addParent(closed.add(lib, "failed"));
    const second = await closed.run();
    expect([hold.status, first.exit, second.exit, second.lines.slice(0, 3)]).toEqual([
      "success",
      0,
      3,
      [
        'Warning: `hold` of gh/acme/app #1, release: release-bot may not do this: POST /workflow/app#1.0/approve/hold was answered 403: "Forbidden".',
        "Looked at 1 pipeline of 1 project with 11 requests: 0 holds approved, 0 cancelled, 1 left; 0 children cancelled.",
        "Error: Not everything could be swept: `hold` of gh/acme/app #1, release. (circleci.unauthorized)",
      ],
    ]);
  });
});

test("a dry run says what it would do, and does nothing", async () => {
  const world = makeSweepWorld();
  const { hold } = world.addParent(world.add(lib, "canceled"));
  const { exit, lines, calls } = await world.run({ "dry-run": "true" });
  expect([exit, hold.status, lines, calls.filter((call) => call.startsWith("POST"))]).toEqual([
    0,
    "on_hold",
    [
      "This is a dry run: nothing will be changed.",
      "gh/acme/app #1, release: `hold` would be approved: gh/acme/lib #1 has ended (integration is canceled), and has not called back. /pipelines/github/acme/app/1/workflows/app#1.0",
      "Looked at 1 pipeline of 1 project with 8 requests: 1 hold to be approved, 0 to be cancelled, 0 left; 0 children to be cancelled.",
    ],
    [],
  ]);
});

test("a second sweep finds nothing left to do", async () => {
  const world = makeSweepWorld();
  world.addParent(world.add(lib, "canceled"));
  await world.run();
  const [app1] = (await world.run()).lines;
  expect(app1).toBe(
    "Looked at 1 pipeline of 1 project with 3 requests: 0 holds approved, 0 cancelled, 0 left; 0 children cancelled.",
  );
});
