import { expect, test } from "vitest";
import { deploy, newImage, oldImage, taskDefinition } from "./ecs-world.ts";

const breaker = { enable: true, rollback: true };
const web = taskDefinition.containerDefinitions[0];
const look = "DescribeServices 200";
const beginning = [look, "DescribeTaskDefinition 200", "RegisterTaskDefinition 200", "UpdateService 200"];

/** Whatever happens: no value of a variable is told, and the rules of the API are kept. */
function expectClean({ output, model }: Awaited<ReturnType<typeof deploy>>): void {
  expect(output).not.toContain("hunter2");
  expect(model.complaints()).toEqual([]);
}

test("registers a whole copy with the new image, updates the service, and waits until ECS calls it completed", async () => {
  const run = await deploy({
    tags: [
      { key: "team", value: "shop" },
      { key: "aws:stack", value: "x" },
    ],
    markers: true,
  });
  const { exit, calls, model, host, markers, record } = run;
  const copy = { ...web, image: newImage };
  expect([exit, calls, model.bodies]).toEqual([
    0,
    [...beginning, look, look, look, look, look],
    [
      [
        "RegisterTaskDefinition",
        {
          ...taskDefinition,
          containerDefinitions: [copy, taskDefinition.containerDefinitions[1]],
          tags: [{ key: "team", value: "shop" }],
        },
      ],
      [
        "UpdateService",
        {
          cluster: "main",
          service: "shop",
          taskDefinition: "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop:2",
        },
      ],
    ],
  ]);
  expect(host.lines).toEqual([
    "Service main/shop, which has shop:1:",
    `  web gets ${newImage} instead of ${oldImage}`,
    "Registered shop:2.",
    "Updating the service to shop:2.",
    "Deployment ecs-svc/000003 of shop:2.",
    "0 of 2 new tasks run, 2 starting, 2 old still there.",
    "2 of 2 new tasks run, 2 old still there.",
    "  (service shop) (deployment ecs-svc/000003) deployment completed.",
    "  (service shop) has reached a steady state.",
    "Deployment ecs-svc/000003: 2 of 2 new tasks run.",
  ]);
  expect(host.sleeps).toEqual([5_000, 7_500, 11_250, 15_000]);
  expect(markers).toEqual([
    "plan deploy --environment-name=main --component-name=main/shop --target-version=0123456789ab",
    "update deploy --status=RUNNING",
    "update deploy --status=SUCCESS",
  ]);
  expect(record).toEqual({
    schema: 1,
    action: "deploy",
    dryRun: false,
    version: "0123456789ab",
    image: newImage,
    digest: newImage.split("@")[1],
    project: "shop",
    environment: "main",
    hosts: [{ host: "main/shop", result: "deployed", phase: "over", release: "shop:2", before: "shop:1" }],
    commit: "0123456789abcdef",
    branch: "main",
    pipeline: "pipeline-1",
    buildUrl: "https://circleci.com/gh/acme/shop/7",
    startedAt: "2026-01-01T00:00:00.000Z",
    finishedAt: "2026-01-01T00:00:38.750Z",
  });
  expectClean(run);
});

test("does not wait for draining where healthy is enough", async () => {
  const run = await deploy({ parameters: { wait: "healthy" }, services: { shop: { drain: 300_000 } } });
  expect([run.exit, run.host.sleeps]).toEqual([0, [5_000, 7_500]]);
  expectClean(run);
});

test("does not wait at all where it is told so", async () => {
  const run = await deploy({ parameters: { wait: "none" } });
  expect([run.exit, run.calls, run.record.hosts[0].result]).toEqual([0, beginning, "started"]);
});

test("judges by the counts where ECS tells no rollout state", async () => {
  const run = await deploy({ services: { shop: { isClassic: true } } });
  expect([run.exit, run.host.sleeps.length]).toEqual([0, 4]);
});

test.each([
  ["lines", "LOG_LEVEL=debug\nTOKEN", ["LOG_LEVEL", "TOKEN"]],
  [
    "JSON",
    '{"LOG_LEVEL": "debug", "LIST": "a=1,b=\\"2\\"", "TOKEN": "${TOKEN}", "COUNT": 3}',
    ["LOG_LEVEL", "LIST"],
  ],
])("sets variables given as %s, and tells their names alone", async (_, env) => {
  const run = await deploy({ parameters: { env }, env: { TOKEN: "tell-nobody" } });
  const [[, body] = ["", {}]] = run.model.bodies as readonly (readonly [string, typeof taskDefinition])[];
  const environment = Object.fromEntries(
    (body as typeof taskDefinition).containerDefinitions[0].environment.map(({ name, value }) => [
      name,
      value,
    ]),
  );
  const isJson = env.startsWith("{");
  expect(environment).toEqual({
    DATABASE_PASSWORD: "hunter2",
    LOG_LEVEL: "debug",
    TOKEN: "tell-nobody",
    ...(isJson && { LIST: 'a=1,b="2"', COUNT: "3" }),
  });
  expect(run.host.lines.slice(2, 4)).toEqual([
    `  new variables: ${isJson ? "LIST, TOKEN, COUNT" : "TOKEN"}`,
    "  changed variables: LOG_LEVEL",
  ]);
  expect(run.output).not.toContain("tell-nobody");
  expect(run.output).not.toContain("debug");
  expectClean(run);
});

test("does nothing where nothing has changed, and starts the tasks anew where it is forced to", async () => {
  const idle = await deploy({ parameters: { image: oldImage }, markers: true });
  expect([idle.exit, idle.calls, idle.markers, idle.record.hosts[0].result]).toEqual([
    0,
    [look, "DescribeTaskDefinition 200"],
    [],
    "unchanged",
  ]);
  const forced = await deploy({ parameters: { image: oldImage, force: "true" } });
  expect([forced.exit, forced.model.bodies]).toEqual([
    0,
    [
      [
        "UpdateService",
        {
          cluster: "main",
          service: "shop",
          taskDefinition: "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop:1",
          forceNewDeployment: true,
        },
      ],
    ],
  ]);
});

test("takes up the deployment of the same image that a job before it has not seen through", async () => {
  const first = await deploy({ parameters: { timeout: "10s" } });
  expect([first.exit, first.code]).toEqual([8, "wait.timeout"]);
  expect(first.output).toContain(
    "The deployment ecs-svc/000003 of shop:2 goes on in ECS; before it, the service ran shop:1.",
  );
  const before = first.calls.length;
  const second = await deploy({}, first);
  expect([second.exit, second.calls.slice(before, before + 3), first.model.bodies.length]).toEqual([
    0,
    [look, "DescribeTaskDefinition 200", look],
    2,
  ]);
});

test("says that a command is left out where this job updates nothing", async () => {
  const leftOut = "The command of run-task is left out: this job does not update the service.";
  const parameters = { "run-task": "./migrate" };
  const first = await deploy({
    parameters: { ...parameters, timeout: "20s" },
    services: { shop: { drain: 300_000 } },
  });
  const joined = await deploy({ parameters: { ...parameters, wait: "none" } }, first);
  const idle = await deploy({ parameters: { ...parameters, image: oldImage } });
  expect(
    [first, joined, idle].map(({ exit, output, model }) => [
      exit,
      output.includes(leftOut),
      model.world.tasks.size,
    ]),
  ).toEqual([
    [8, false, 1],
    [0, true, 1],
    [0, true, 0],
  ]);
});

test("starts what has failed before once more, without a new revision", async () => {
  let behaviour: "crashes" | "well" = "crashes";
  const services = { shop: { breaker: { enable: true, rollback: false } } };
  const first = await deploy({ services, behaves: () => behaviour });
  expect([first.exit, first.code]).toEqual([1, "deploy.failed"]);
  expect(first.output).toContain(
    "has failed (ECS deployment circuit breaker: tasks failed to start), and ECS does not roll it back",
  );
  behaviour = "well";
  const second = await deploy({}, first);
  expect([second.exit, second.model.revisions.length]).toEqual([0, 2]);
  expect(second.output).toContain("Its tasks are started anew.");
});

test("is red within one poll after ECS rolls back, with events, reasons and the last lines, without a value", async () => {
  const run = await deploy({
    services: { shop: { breaker } },
    behaves: (image) => (image === newImage ? "crashes" : "well"),
    logs: ["starting", "cannot log in with hunter2"],
    markers: true,
  });
  expect([run.exit, run.code, run.record.hosts[0].result]).toEqual([1, "deploy.failed", "rolled-back"]);
  // Three tasks fail, one every four seconds: the breaker trips after 12 s, between the looks at 5 s and at 12.5 s.
  expect(run.host.sleeps).toEqual([5_000, 7_500]);
  const own = run.host.lines.slice(
    run.host.lines.indexOf("Task 000004 stopped: Essential container in task exited"),
  );
  expect(own.slice(0, 6)).toEqual([
    "Task 000004 stopped: Essential container in task exited",
    "  Container web ended with exit code 1",
    "  web | starting",
    "  web | cannot log in with [secret]",
    "Task 000006 stopped: Essential container in task exited",
    "  Container web ended with exit code 1",
  ]);
  expect(run.output).toContain(
    "  (service shop) (deployment ecs-svc/000003) deployment failed: tasks failed to start.",
  );
  expect(run.output).toContain(
    "Error: The deployment ecs-svc/000003 of shop:2 to main/shop has failed, and ECS rolls the service back (ECS deployment circuit breaker: tasks failed to start); before it, the service ran shop:1. (deploy.failed)",
  );
  expect(run.markers.at(-1)).toMatch(/^update deploy --status=FAILED --failure-reason=The deployment/);
  expectClean(run);
});

test("keeps values out of the service's events", async () => {
  let looks = 0;
  const run = await deploy({
    onCall(operation, model) {
      if (operation !== "DescribeServices" || ++looks !== 3) return;
      const message = "(service shop) is unhealthy: hunter2 is not the password";
      model.world.services.get("shop")?.events.unshift({ id: "event-x", createdAt: 1, message });
    },
  });
  expect([run.exit, run.output.includes("(service shop) is unhealthy: [secret] is not")]).toEqual([0, true]);
  expectClean(run);
});

test("shows the tasks of this deployment alone, and no value in their reasons", async () => {
  const run = await deploy({
    services: { shop: { breaker } },
    behaves: (image) => (image === newImage ? "crashes" : "well"),
    onCall(operation, { world }) {
      if (operation !== "ListTasks") return;
      const [[arn, task] = []] = world.tasks;
      if (task === undefined) throw new Error("no task has stopped");
      for (const each of world.tasks.values()) {
        Object.assign(each, { stoppedReason: "exited: hunter2", reason: "OutOfMemoryError: hunter2" });
      }
      world.tasks.set(`${arn}-old`, { ...task, taskArn: `${arn}-old`, startedBy: "ecs-svc/000001" });
    },
  });
  expect([run.exit, run.output.includes("-old")]).toEqual([1, false]);
  // Its container has never written anything: there is no stream yet.
  expect(run.output).not.toContain("cannot be shown");
  expect(run.output).toContain("Task 000004 stopped: exited: [secret]");
  expect(run.output).toContain("  Container web ended with exit code 1: OutOfMemoryError: [secret]");
  expectClean(run);
});

test("keeps the values of the definition before out of the log as well", async () => {
  const sparse = { family: "shop", containerDefinitions: [{ ...web, environment: [] }] };
  const run = await deploy({
    parameters: { "task-definition": "task.json" },
    files: { "task.json": JSON.stringify(sparse) },
    services: { shop: { breaker } },
    behaves: () => "crashes",
    logs: ["hunter2 was the password"],
  });
  expect(run.output).toContain("  web | [secret] was the password");
  expectClean(run);
});

test("says why an image cannot be pulled when the time is over, and that nothing stops ECS from trying", async () => {
  const run = await deploy({
    parameters: { timeout: "30s" },
    behaves: (image) => (image === newImage ? "cannot-be-pulled" : "well"),
  });
  expect([run.exit, run.code, run.record.hosts[0].result]).toEqual([8, "wait.timeout", "timed-out"]);
  expect(run.output).toContain("stopped: CannotPullContainerError: pull image manifest");
  expect(run.output).toContain("  Container web did not run: CannotPullContainerError");
  expect(run.output).toContain("4 more tasks have stopped.");
  expect(run.output).toContain("  - Enable the service's deployment circuit breaker");
  expectClean(run);
});

test("gives up a deployment that never gets ready when the time is over, and shows signs of life", async () => {
  const run = await deploy({
    services: { shop: { breaker } },
    parameters: { timeout: "3m", wait: "healthy" },
    behaves: () => "never-ready",
  });
  expect([run.exit, run.code]).toEqual([8, "wait.timeout"]);
  expect(run.output).toMatch(
    /Waiting for ecs-svc\/000003: 1 of 2 new tasks run, 1 starting, 2 old still there \(\d/,
  );
  expect(run.output).toContain("ECS knows no stopped task of this deployment.");
  expect(Math.max(...run.host.sleeps)).toBe(15_000);
});

test("tells a deployment apart that another one replaces", async () => {
  let looks = 0;
  const run = await deploy({
    onCall(operation, model) {
      const service = model.world.services.get("shop");
      if (operation === "DescribeServices" && ++looks === 3 && service) {
        model.world.begin(service, model.world.arn("task-definition", "shop:2"), "other");
      }
    },
  });
  expect([run.exit, run.code, run.record.hosts[0].result]).toEqual([1, "deploy.failed", "replaced"]);
  expect(run.calls).not.toContain("ListTasks 200");
  expect(run.output).toContain("was replaced by another one before it was through");
});

test("runs the task in the new image before the update, once even where the answer is lost", async () => {
  const run = await deploy({
    parameters: { "run-task": '["./migrate", "up to date"]' },
    onCall(operation, model, { sleeps }) {
      if (operation === "RunTask" && sleeps.length === 0)
        model.fail({ action: "RunTask", after: "accepted" });
    },
    services: {
      shop: { more: { networkConfiguration: { awsvpcConfiguration: { subnets: ["subnet-1"] } } } },
    },
  });
  const [, [operation, body]] = run.model.bodies as readonly (readonly [string, object])[] as [
    unknown,
    [string, object],
  ];
  expect([run.exit, operation, body]).toEqual([
    0,
    "RunTask",
    {
      cluster: "main",
      taskDefinition: "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop:2",
      count: 1,
      clientToken: "ffffffffffff",
      overrides: { containerOverrides: [{ name: "web", command: ["./migrate", "up to date"] }] },
      launchType: "FARGATE",
      networkConfiguration: { awsvpcConfiguration: { subnets: ["subnet-1"] } },
    },
  ]);
  expect(run.model.world.tasks.size).toBe(1);
  expect(run.output).toContain("Task 000003 ended with exit code 0.\nUpdating the service to shop:2.");
  expectClean(run);
});

test("goes on when the command has ended, and says that other containers have not", async () => {
  const run = await deploy({ parameters: { "run-task": "./migrate" }, others: 3_600_000 });
  expect([run.exit, run.model.world.tasks.size]).toEqual([0, 1]);
  expect(run.output).toContain("Task 000003 goes on with its other containers.");
});

test("does not tell what is filled into the command", async () => {
  const run = await deploy({
    parameters: { "run-task": "./migrate ${DATABASE_URL}" },
    env: { DATABASE_URL: "postgres://app:secret@db" },
  });
  const [, [, body] = []] = run.model.bodies;
  expect(body).toMatchObject({
    overrides: { containerOverrides: [{ name: "web", command: ["./migrate", "postgres://app:secret@db"] }] },
  });
  expect(run.host.lines).toContain("Running in web: ./migrate ${DATABASE_URL}");
  expect(run.output).not.toContain("postgres");
});

test("runs the task where a strategy of capacity providers starts the service's own", async () => {
  const capacityProviderStrategy = [{ capacityProvider: "FARGATE_SPOT", weight: 1, base: 0 }];
  const run = await deploy({
    parameters: { "run-task": "./migrate" },
    services: { shop: { more: { capacityProviderStrategy, platformVersion: "1.4.0" } } },
  });
  const [, [, body] = []] = run.model.bodies;
  expect([run.exit, body]).toMatchObject([0, { capacityProviderStrategy, platformVersion: "1.4.0" }]);
  expect(body).not.toHaveProperty("launchType");
});

test("leaves the service alone where the task fails, and says what is left", async () => {
  const run = await deploy({
    parameters: { "run-task": "./migrate up" },
    taskExit: 3,
    logs: ["column exists: hunter2"],
  });
  expect([run.exit, run.code, run.calls.includes("UpdateService 200")]).toEqual([1, "deploy.failed", false]);
  expect(run.output).toContain("  web | column exists: [secret]");
  expect(run.output).toContain(
    "Error: The command of run-task ended with exit code 3 (task 000003).\nThe service was not touched, and stays with shop:1. shop:2 is registered, and nothing uses it. (deploy.failed)",
  );
  expectClean(run);
});

test("says that a task goes on that takes too long", async () => {
  const run = await deploy({
    parameters: { "run-task": "./migrate up", timeout: "1m" },
    taskDuration: 3_600_000,
  });
  expect([run.exit, run.code]).toEqual([8, "wait.timeout"]);
  expect(run.output).toContain("stays with shop:1. Task 000003 of shop:2 goes on.");
});

test("takes a task definition from the checkout, and drops what AWS has added to it", async () => {
  const given = {
    taskDefinition: {
      ...taskDefinition,
      cpu: "512",
      revision: 7,
      status: "ACTIVE",
      registeredAt: 1,
      taskDefinitionArn: "arn",
      ofTomorrow: { kept: [true] },
    },
  };
  const { ofTomorrow, ...today } = given.taskDefinition;
  const files = { "ecs/task.json": JSON.stringify({ taskDefinition: today }) };
  const run = await deploy({ parameters: { "task-definition": "ecs/task.json" }, files });
  expect([run.exit, run.model.bodies[0]?.[1]]).toEqual([
    0,
    {
      ...taskDefinition,
      cpu: "512",
      containerDefinitions: [{ ...web, image: newImage }, taskDefinition.containerDefinitions[1]],
    },
  ]);
  expect(ofTomorrow).toBeDefined();
  const same = await deploy({ parameters: { "task-definition": "ecs/task.json" }, files }, run);
  expect(same.record.hosts[0].result).toBe("unchanged");
});

test.each<[string, (definition: object, tags: object) => object]>([
  ["as it is registered", (definition, tags) => ({ ...definition, tags })],
  ["as AWS describes it", (definition, tags) => ({ taskDefinition: definition, tags })],
])("takes the tags of a task definition in a file %s, and knows it again", async (_, write) => {
  const tags = [{ key: "team", value: "shop" }];
  const sparse = { family: "shop", cpu: "512", containerDefinitions: [{ name: "web", image: "ours" }] };
  const files = { "task.json": JSON.stringify(write(sparse, tags)) };
  const parameters = { "task-definition": "task.json" };
  const run = await deploy({ parameters, files, tags: [{ key: "team", value: "old" }] });
  expect([run.exit, run.model.bodies[0]?.[1]]).toMatchObject([0, { cpu: "512", tags }]);
  expect(run.host.lines).toContain(`  web gets ${newImage} instead of ${oldImage}`);
  const same = await deploy({ parameters, files }, run);
  expect([same.exit, same.record.hosts[0].result]).toEqual([0, "unchanged"]);
});

test("keeps as many revisions as it is told to, those in use among them", async () => {
  const definitions = Array.from({ length: 6 }, (_, index) => ({ ...taskDefinition, cpu: String(index) }));
  const run = await deploy({ definitions, parameters: { keep: "3" } });
  const active = run.model.revisions
    .filter(({ status }) => status === "ACTIVE")
    .map(({ arn }) => arn.split("/")[1]);
  expect([run.exit, active]).toEqual([0, ["shop:5", "shop:6", "shop:7"]]);
  expect(run.output).toContain("Deregistered shop:4, shop:3, shop:2, shop:1.");
  expectClean(run);
});

test("is through even where old revisions cannot be deregistered", async () => {
  const definitions = [taskDefinition, taskDefinition, taskDefinition];
  const run = await deploy({
    definitions,
    parameters: { keep: "1" },
    onCall(operation, model) {
      if (operation === "DeregisterTaskDefinition") {
        model.fail({ action: operation, code: "AccessDeniedException", status: 400 });
      }
    },
  });
  expect(run.exit).toBe(0);
  expect(run.output).toContain("Allow ecs:DeregisterTaskDefinition in the policy");
});

const noRoom = Object.assign(new Error("ENOSPC: no space left on device"), { syscall: "write" });

test("tells a failure also where its record cannot be written", async () => {
  const run = await deploy({ unwritable: noRoom, parameters: { timeout: "10s" }, markers: true });
  expect([run.exit, run.code]).toEqual([8, "wait.timeout"]);
  expect(run.output).toContain(
    "What follows is kept nowhere: the release record deploy cannot be written (ENOSPC: no space left on device).",
  );
  expect(run.output).toContain("The deployment ecs-svc/000003 of shop:2 goes on in ECS");
  expect(run.markers.at(-1)).toMatch(/^update deploy --status=FAILED --failure-reason=The deployment/);
});

test("is an error where all is well but the record, and says so", async () => {
  const run = await deploy({ unwritable: noRoom, markers: true });
  expect([run.exit, run.code, run.markers.at(-1)]).toEqual([
    2,
    "file.failed",
    "update deploy --status=SUCCESS",
  ]);
  expect(run.output).toContain("Error: It is through, but the release record deploy cannot be written");
});
