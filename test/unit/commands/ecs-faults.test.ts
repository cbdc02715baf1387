import { describe, expect, test } from "vitest";
import { deploy, type Run, taskDefinition, type WorldOptions } from "./ecs-world.ts";

const actions = [
  "ecs:DescribeServices",
  "ecs:DescribeTaskDefinition",
  "ecs:RegisterTaskDefinition",
  "iam:PassRole",
  "ecs:RunTask",
  "ecs:DescribeTasks",
  "ecs:UpdateService",
];

function expectQuiet({ output }: Run): void {
  expect(output).not.toContain("hunter2");
  expect(output).not.toContain("wJalrXUtnFEMI");
}

const untouched = "The service was not touched, and stays with shop:1.";
const unused = `${untouched} shop:2 is registered, and nothing uses it.`;

test.each([
  ["ecs:DescribeServices", ""],
  ["ecs:DescribeTaskDefinition", ""],
  ["ecs:RegisterTaskDefinition", "Nothing was changed."],
  ["iam:PassRole", "Nothing was changed."],
  ["ecs:RunTask", unused],
  ["ecs:DescribeTasks", `${untouched} Task 000003 of shop:2 goes on.`],
  ["ecs:UpdateService", unused],
])("names the action %s that a policy lacks, and what is left", async (missing, left) => {
  const run = await deploy({
    allowed: actions.filter((action) => action !== missing),
    parameters: { "run-task": "./migrate" },
  });
  expect([run.exit, run.code]).toEqual([3, "aws.unauthorized"]);
  expect(run.output).toContain(`  - Allow ${missing} in the policy of that user or role.`);
  expect(/^(?:Nothing was changed|The service was).*(?= \(aws)/m.exec(run.output)?.[0] ?? "").toBe(left);
  expectQuiet(run);
});

test.each(["ecs:ListTasks", "ecs:DescribeTasks", "logs:GetLogEvents"])(
  "tells the failure all the same where %s is not allowed",
  async (missing) => {
    const all = [...actions, "ecs:ListTasks", "logs:GetLogEvents"];
    const run = await deploy({
      allowed: all.filter((action) => action !== missing),
      services: { shop: { breaker: { enable: true, rollback: true } } },
      behaves: (image) => (image.endsWith("b") ? "crashes" : "well"),
      logs: ["no"],
    });
    expect([run.exit, run.code]).toEqual([1, "deploy.failed"]);
    expect(run.output).toMatch(new RegExp(`cannot be shown: .* is not authorized to perform: ${missing}`));
    expectQuiet(run);
  },
);

test("keeps values out of what keeps the reasons from being shown", async () => {
  const run = await deploy({
    services: { shop: { breaker: { enable: true, rollback: true } } },
    behaves: (image) => (image.endsWith("b") ? "crashes" : "well"),
    onCall(action, model) {
      if (action === "ListTasks") model.fail({ action, code: "hunter2Exception", status: 400 });
    },
  });
  expect(run.output).toContain("cannot be shown: ECS ListTasks was answered 400 [secret]Exception");
  expectQuiet(run);
});

test.each<[string, WorldOptions, number, string, string]>([
  [
    "cluster",
    { parameters: { cluster: "mian" } },
    5,
    "service.not-found",
    "There is no cluster `mian` in eu-west-1.",
  ],
  [
    "service",
    { parameters: { service: "shpo" } },
    5,
    "service.not-found",
    "There is no service `shpo` in the cluster `main` (eu-west-1).",
  ],
  [
    "service, since it was deleted",
    { services: { shop: { more: { status: "INACTIVE" } } } },
    5,
    "service.not-found",
    "There is no service `shop` in the cluster `main` (eu-west-1).",
  ],
  [
    "container",
    { parameters: { container: "wbe" } },
    2,
    "parameter.invalid",
    "The task definition shop has no container `wbe`. (parameter.invalid)\n  - It has web, proxy.",
  ],
  [
    "container, where there are two",
    { parameters: { container: "" } },
    2,
    "parameter.invalid",
    "The task definition shop has 2 containers, and `container` does not say which gets the image.",
  ],
  ["image", { parameters: { image: "" } }, 2, "parameter.invalid", "There is no image to deploy."],
  [
    "task definition",
    { parameters: { "task-definition": "task.json" } },
    2,
    "parameter.invalid",
    "There is no task definition task.json.",
  ],
  [
    "container in the file",
    { parameters: { "task-definition": "task.json" }, files: { "task.json": '{"password": "hunter2"}' } },
    2,
    "parameter.invalid",
    "task.json is no task definition in JSON.",
  ],
])("refuses what there is not: a %s", async (_, options, exit, code, words) => {
  const run = await deploy(options);
  expect([run.exit, run.code, run.model.bodies]).toEqual([exit, code, []]);
  expect(run.output).toContain(words);
  expectQuiet(run);
});

test.each<[string, Readonly<Record<string, string>>, string]>([
  ["a name with a blank", { service: "my shop" }, 'Parameter `service` is no name in ECS: "my shop".'],
  [
    "JSON that is none",
    { env: '{"A": "hunter2"' },
    "Parameter `env` begins like JSON, but is no object of texts.",
  ],
  ["a nested value", { env: '{"A": {"B": "hunter2"}}' }, "Parameter `env` has no text at A."],
  [
    "a line that sets nothing",
    { env: "my-name=hunter2" },
    'Parameter `env` has a line that sets no variable: "my-name=…".',
  ],
  [
    "a command that is no list",
    { "run-task": "[1]" },
    "Parameter `run-task` begins like JSON, but is no list of texts.",
  ],
  ["a path out of the checkout", { "task-definition": "../task.json" }, "leads out of the checkout"],
  [
    "a variable that is a secret",
    { env: "API_KEY=hunter2" },
    "`env` sets API_KEY, which is a secret of the container web",
  ],
])("refuses %s, and does not repeat a value", async (_, parameters, words) => {
  const run = await deploy({ parameters });
  expect([run.exit, run.code, run.model.bodies]).toEqual([2, "parameter.invalid", []]);
  expect(run.output).toContain(words);
  expectQuiet(run);
});

test.each(["CODE_DEPLOY", "EXTERNAL"])("refuses a service that %s deploys", async (controller) => {
  const run = await deploy({ services: { shop: { controller } } });
  expect([run.exit, run.code, run.model.bodies]).toEqual([2, "parameter.invalid", []]);
});

test("waits while it is throttled", async () => {
  const run = await deploy({
    onCall(operation, model, { sleeps }) {
      const action = operation;
      if (sleeps.length < 3) model.fail({ action, code: "ThrottlingException", status: 400 });
    },
  });
  expect([run.exit, run.code]).toEqual([0, ""]);
  expect(run.output).toContain("was throttled (ThrottlingException); trying again in 1.0 s.");
});

describe("an API that vanishes in the middle", () => {
  const vanishFrom = (first: string, after = 0): WorldOptions => {
    let seen = 0;
    let isGone = false;
    return {
      parameters: { "run-task": "./migrate" },
      onCall(operation, model) {
        if (operation === first && seen++ >= after) isGone = true;
        if (isGone) model.fail({ action: operation });
      },
    };
  };

  test.each<[string, number, string, string]>([
    [
      "RegisterTaskDefinition",
      0,
      "aws.failed",
      "a new revision may have been registered, which nothing uses.",
    ],
    ["RunTask", 0, "aws.failed", "Whether the task of run-task was started is not known."],
    [
      "DescribeTasks",
      0,
      "aws.failed",
      "The service was not touched, and stays with shop:1. Task 000003 of shop:2 goes on.",
    ],
    [
      "UpdateService",
      0,
      "deploy.unknown",
      "Whether the service was updated from shop:1 to shop:2 is not known",
    ],
    [
      "DescribeServices",
      2,
      "deploy.unknown",
      "The deployment ecs-svc/000004 of shop:2 goes on in ECS; before it, the service ran shop:1.",
    ],
  ])("is told at %s, with what is left", async (operation, after, code, words) => {
    const run = await deploy(vanishFrom(operation, after));
    expect([run.code, run.record.hosts[0].result]).toEqual([code, "failed"]);
    expect(run.output).toContain(words);
    expectQuiet(run);
  });

  test("and comes back, does no harm", async () => {
    let failures = 0;
    const run = await deploy({
      onCall(operation, model, { sleeps }) {
        if (operation === "DescribeServices" && sleeps.length > 0 && failures++ < 7)
          model.fail({ action: operation });
      },
    });
    expect(run.exit).toBe(0);
    expect(run.output).toContain("Looking again.");
  });
});

test("an API that fails now and then for long does no harm either", async () => {
  let calls = 0;
  const run = await deploy({
    services: { shop: { drain: 300_000 } },
    onCall(operation, model, { sleeps }) {
      if (operation !== "DescribeServices" || sleeps.length === 0) return;
      // Two looks of five tries each, and one that goes well.
      if (calls++ % 11 < 10 && calls < 40) model.fail({ action: operation });
    },
  });
  expect(run.exit).toBe(0);
  expect(run.output.match(/Looking again\./g)?.length).toBeGreaterThan(4);
});

test("goes on to wait for the task of run-task where one look at it is answered in an unknown form", async () => {
  let looks = 0;
  const run = await deploy({
    parameters: { "run-task": "./migrate" },
    answer: (operation) => (operation === "DescribeTasks" && ++looks === 1 ? "<html>try later</html>" : null),
  });
  expect([run.exit, run.calls.includes("UpdateService 200")]).toEqual([0, true]);
  expect(run.output).toContain(
    "ECS DescribeTasks was answered in an unknown form (all of it). Looking again.",
  );
});

test.each<[string, string, string]>([
  ["nothing has begun", "RegisterTaskDefinition", "a new revision may have been registered"],
  ["the task runs", "DescribeTasks", "Task 000003 of shop:2 goes on."],
  [
    "the service is being updated",
    "UpdateService",
    "Whether the service was updated from shop:1 to shop:2 is not known",
  ],
])("says how a cancelled job leaves things: %s", async (_, operation, words) => {
  const run = await deploy({
    parameters: { "run-task": "./migrate" },
    markers: true,
    onCall(called, __, host) {
      if (called === operation) host.cancel();
    },
  });
  expect([run.exit, run.code, run.record.hosts[0].result]).toEqual([6, "job.canceled", "canceled"]);
  expect(run.output).toContain(`Error: This job was cancelled. `);
  expect(run.output).toContain(words);
  expect(run.markers.at(-1)).toBe("update deploy --status=CANCELED");
});

test("says that ECS goes on with the deployment of a cancelled job", async () => {
  let looks = 0;
  const run = await deploy({
    onCall(operation, _, host) {
      if (operation === "DescribeServices" && ++looks === 3) host.cancel();
    },
  });
  expect([run.exit, run.code]).toEqual([6, "job.canceled"]);
  expect(run.output).toContain(
    "The deployment ecs-svc/000003 of shop:2 goes on in ECS; before it, the service ran shop:1.",
  );
});

test("keeps values out of what AWS complains of", async () => {
  const run = await deploy({
    // The model refuses the same name twice, in the words of AWS; here they hold a value as well.
    definitions: [
      {
        ...taskDefinition,
        containerDefinitions: [
          {
            ...taskDefinition.containerDefinitions[0],
            name: "hunter2-web",
            environment: [
              { name: "A", value: "hunter2" },
              { name: "A", value: "hunter2" },
            ],
          },
        ],
      },
    ],
    parameters: { container: "" },
  });
  expect([run.exit, run.code]).toEqual([4, "aws.failed"]);
  expect(run.output).toContain("must be unique in container [secret]-web.");
});
