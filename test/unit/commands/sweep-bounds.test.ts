import { describe, expect, test } from "vitest";
import { lib, makeSweepWorld } from "../../support/sweep-world.ts";
import { app, makeFault } from "../api/world.ts";

describe("a sweep costs", () => {
  test("one request for a pipeline that has ended, and one for 20 of them in a list", async () => {
    const world = makeSweepWorld();
    for (let count = 0; count < 45; count++) world.add(app, "success");
    expect((await world.run()).calls.length).toBe(45 + 3);
  });

  test("one more for each workflow that is under way", async () => {
    const world = makeSweepWorld();
    const pipeline = world.add(app, "running");
    world.addRun(pipeline, "on_hold", { name: "deploy" });
    expect((await world.run()).calls).toEqual([
      "GET /project/gh/acme/app/pipeline 200",
      "GET /pipeline/app#1/workflow 200",
      "GET /workflow/app#1.1/job 200",
      "GET /workflow/app#1.0/job 200",
    ]);
  });

  test("three for a hold whose child is under way, the bytes of the receipt not counted", async () => {
    const world = makeSweepWorld();
    world.addParent(world.add(lib, "running"));
    expect((await world.run()).calls.slice(3)).toEqual([
      "GET /project/gh/acme/app/trigger/artifacts 200",
      "GET /output/job/trigger/artifacts/0/circleback/child.json 302",
      "GET /pipeline/lib#1/workflow 200",
    ]);
  });

  test("four more for one that it resolves", async () => {
    const world = makeSweepWorld();
    world.addParent(world.add(lib, "canceled"));
    world.addParent(world.add(lib, "success"));
    const resolving = (await world.run()).calls.filter(
      (call) => !/artifacts|pipeline |app#\d\/|lib#\d\/workflow/.test(call),
    );
    expect(resolving).toEqual([
      "GET /workflow/app#2.0/job 200",
      "GET /pipeline/lib#2/config 200",
      "GET /workflow/app#2.0/job 200",
      "POST /workflow/app#2.0/approve/hold 202",
      "GET /workflow/app#2.0/job 200",
      "GET /workflow/app#1.0/job 200",
      "GET /pipeline/lib#1/config 200",
      "GET /workflow/app#1.0/job 200",
      "POST /workflow/app#1.0/approve/hold 202",
      "GET /workflow/app#1.0/job 200",
    ]);
  });

  test("one for a cancelled workflow, one for each of its jobs that has begun, and one where such a job was cut short", async () => {
    const world = makeSweepWorld();
    const pipeline = world.add(app, "canceled");
    const [workflow] = pipeline.workflows;
    if (workflow === undefined) throw new Error("no workflow");
    world.addBuild(workflow, "test");
    world.addBuild(workflow, "build", { status: "canceled" });
    world.addBuild(workflow, "lint", { status: "canceled" });
    world.addBuild(workflow, "deploy", { status: "canceled", number: null });
    expect((await world.run()).calls.slice(2)).toEqual([
      "GET /workflow/app#1.0/job 200",
      "GET /project/gh/acme/app/test/artifacts 200",
      "GET /project/gh/acme/app/build/artifacts 200",
      "GET /pipeline/app#1/config 200",
      "GET /project/gh/acme/app/lint/artifacts 200",
    ]);
  });
});

test("pipelines that are older than `max-age` are not looked at", async () => {
  const world = makeSweepWorld();
  const day = 24 * 60;
  for (const days of [15, 13, 2]) world.add(app, "success", { createdAt: world.ago(days * day) });
  const looks = async (age: string) =>
    (await world.run({ "max-age": age })).calls.filter((call) => call.endsWith("/workflow 200")).length;
  expect([await looks("14d"), await looks("3d"), await looks("12h"), await looks("16d")]).toEqual([
    2, 1, 0, 3,
  ]);
});

test("stops at `max-calls` at the end of a pipeline, and goes on with the cursor that it names", async () => {
  const world = makeSweepWorld();
  const child = world.add(lib, "failed");
  const parents = [1, 2, 3].map(() => world.addParent(child));
  const states = () => parents.map(({ hold }) => hold.status);
  const first = await world.run({ "max-calls": "2" });
  const afterFirst = states();
  const second = await world.run({ "max-calls": "1", cursor: "gh/acme/app#2" });
  const afterSecond = states();
  const third = await world.run({ cursor: "gh/acme/app#1" });
  expect([first.exit, first.lines.slice(1), afterFirst, second.exit, second.lines[1], afterSecond]).toEqual([
    0,
    [
      "Warning: Stopped at `max-calls`. Go on with `cursor: gh/acme/app#2`, or give `max-calls` more.",
      "Looked at 1 pipeline of 1 project with 11 requests: 1 hold approved, 0 cancelled, 0 left; 0 children cancelled.",
    ],
    ["on_hold", "on_hold", "success"],
    0,
    "Warning: Stopped at `max-calls`. Go on with `cursor: gh/acme/app#1`, or give `max-calls` more.",
    ["on_hold", "success", "success"],
  ]);
  expect([third.exit, third.lines.length, states()]).toEqual([0, 2, ["success", "success", "success"]]);
});

test("stops at `max-calls` on the way down to a cursor, too", async () => {
  const world = makeSweepWorld();
  for (let count = 0; count < 45; count++) world.add(app, "success");
  const cursor = "gh/acme/app#1";
  const short = await world.run({ cursor, "max-calls": "2" });
  const enough = await world.run({ cursor, "max-calls": "3" });
  expect([short.exit, short.calls.length, short.lines[0], enough.calls.length, enough.lines]).toEqual([
    0,
    3,
    "Warning: Stopped at `max-calls` on the way down to gh/acme/app#1. Give `max-calls` more: the list has 20 pipelines a request.",
    4,
    [
      "Looked at 1 pipeline of 1 project with 4 requests: 0 holds approved, 0 cancelled, 0 left; 0 children cancelled.",
    ],
  ]);
});

test("a list that gives the same page for ever leaves its project out", async () => {
  const body = { items: [], next_page_token: "again" };
  const world = makeSweepWorld([
    makeFault("GET", "/api/v2/project/gh/acme/app/pipeline", { status: 200, body }, { times: 9 }),
  ]);
  const { exit, calls, lines } = await world.run();
  expect([exit, calls.length, lines[0]]).toEqual([
    4,
    2,
    "Warning: gh/acme/app is left out: GET /project/gh/acme/app/pipeline gives the same page again and again.",
  ]);
});

test("stops between projects as well", async () => {
  const world = makeSweepWorld();
  world.add(app, "success");
  world.add(lib, "success");
  world.add(lib, "success");
  const projects = "gh/acme/app, github/acme/app, gh/acme/lib";
  const { lines } = await world.run({ projects, "max-calls": "2" });
  const last = await world.run({ projects, cursor: "gh/acme/lib#2" });
  expect([lines, last.lines]).toEqual([
    [
      "Warning: Stopped at `max-calls`. Go on with `cursor: gh/acme/lib#2`, or give `max-calls` more.",
      "Looked at 1 pipeline of 1 project with 3 requests: 0 holds approved, 0 cancelled, 0 left; 0 children cancelled.",
    ],
    [
      "Looked at 2 pipelines of 1 project with 3 requests: 0 holds approved, 0 cancelled, 0 left; 0 children cancelled.",
    ],
  ]);
});

test("a project that the token cannot see is reported, the others are swept, and the end is red", async () => {
  const world = makeSweepWorld();
  const { hold } = world.addParent(world.add(lib, "failed"));
  const { exit, lines } = await world.run({ projects: "gh/other/secret,gh/acme/ghost,gh/acme/app" });
  expect([exit, hold.status, lines]).toEqual([
    5,
    "success",
    [
      'Warning: gh/other/secret is left out: There is no project gh/other/secret, or release-bot cannot see it (GET /project/gh/other/secret/pipeline was answered 404: "Project not found").',
      'Warning: gh/acme/ghost is left out: There is no project gh/acme/ghost, or release-bot cannot see it (GET /project/gh/acme/ghost/pipeline was answered 404: "Project not found").',
      "gh/acme/app #1, release: `hold` is approved: gh/acme/lib #1 has ended (integration is failed), and has not called back. /pipelines/github/acme/app/1/workflows/app#1.0",
      "Looked at 1 pipeline of 1 project with 15 requests: 1 hold approved, 0 cancelled, 0 left; 0 children cancelled.",
      "Error: Not everything could be swept: gh/other/secret; gh/acme/ghost. (circleci.not-found)",
      "  - Check the spelling, and that release-bot has access to the project on CircleCI and on its repository.",
      '  caused by: There is no project gh/other/secret, or release-bot cannot see it (GET /project/gh/other/secret/pipeline was answered 404: "Project not found").',
    ],
  ]);
});

test("a bad token ends the sweep at once", async () => {
  const world = makeSweepWorld([makeFault("GET", "/api/v2/me", { status: 401 }, { times: 9 })]);
  const { exit, calls } = await world.run({ projects: "gh/acme/ghost,gh/acme/app" });
  expect([exit, calls]).toEqual([3, ["GET /project/gh/acme/ghost/pipeline 404", "GET /me 401"]]);
});

test("pipelines that cannot be read keep no older one from being swept, however many they are", async () => {
  const world = makeSweepWorld([
    makeFault("GET", "/api/v2/pipeline/*/workflow", { status: 400 }, { times: 4 }),
  ]);
  const { hold } = world.addParent(world.add(lib, "failed"));
  for (let count = 0; count < 4; count++) world.add(app, "success");
  const { exit, lines } = await world.run();
  expect([exit, hold.status, lines.filter((line) => line.startsWith("Error"))]).toEqual([
    4,
    "success",
    [
      "Error: Not everything could be swept: gh/acme/app #5; gh/acme/app #4; gh/acme/app #3; gh/acme/app #2. (circleci.failed)",
    ],
  ]);
});

test("a pipeline that is listed but not there any more is passed over", async () => {
  const world = makeSweepWorld([makeFault("GET", "/api/v2/pipeline/*/workflow", { status: 404 })]);
  world.add(app, "success");
  const { exit, lines } = await world.run();
  expect([exit, lines.length]).toEqual([0, 2]);
});

test.each([
  [{ projects: "gh/acme/app,,gh/acme/lib" }, "Parameter `projects` has an empty place in its list"],
  [{ projects: "acme/app" }, 'Parameter `projects` is no project slug: "acme/app"'],
  [{ "max-age": "two weeks" }, 'Parameter `max-age` is no duration: "two weeks"'],
  [{ "max-calls": "0" }, 'Parameter `max-calls` is no whole number of at least 1: "0"'],
  [{ cursor: "gh/acme/lib#1" }, "`cursor` is at a pipeline of gh/acme/lib, which is not among `projects`"],
])("bad input %j is refused before anything is asked", async (parameters, sentence) => {
  const { exit, lines, calls } = await makeSweepWorld().run({ ...parameters });
  expect([exit, lines[0]?.includes(sentence), calls]).toEqual([2, true, []]);
});
