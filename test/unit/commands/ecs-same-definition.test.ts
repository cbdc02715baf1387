import { describe, expect, test } from "vitest";
import { isSameDefinition } from "../../../src/commands/ecs-deploy/same-definition.ts";
import { deploy, oldImage, taskDefinition } from "./ecs-world.ts";

const [web, proxy] = taskDefinition.containerDefinitions;

/** A definition as it is registered: with one container, and no more than needed. */
const sparse = (container: object, task: object = {}) => ({
  family: "shop",
  ...task,
  containerDefinitions: [{ name: "web", image: oldImage, ...container }],
});

describe("is the same", () => {
  test.each<[string, object, object]>([
    [
      "with what AWS adds to a container",
      sparse({}),
      sparse({
        cpu: 0,
        essential: true,
        environment: [],
        mountPoints: [],
        portMappings: [],
        systemControls: [],
        volumesFrom: [],
      }),
    ],
    [
      "with what AWS takes where a health check does not say it",
      sparse({ healthCheck: { command: ["CMD", "true"] } }),
      sparse({ healthCheck: { command: ["CMD", "true"], interval: 30, timeout: 5, retries: 3 } }),
    ],
    [
      "with the host's port, where it can be no other",
      sparse({ portMappings: [{ containerPort: 80 }] }, { networkMode: "awsvpc" }),
      sparse(
        { portMappings: [{ containerPort: 80, hostPort: 80, protocol: "tcp" }] },
        { networkMode: "awsvpc" },
      ),
    ],
    [
      "with its variables in another order",
      sparse({
        environment: [
          { name: "A", value: "1" },
          { name: "B", value: "2" },
        ],
      }),
      sparse({
        environment: [
          { name: "B", value: "2" },
          { name: "A", value: "1" },
        ],
      }),
    ],
    [
      "with an empty volume",
      sparse({}, { volumes: [{ name: "data" }] }),
      sparse({}, { volumes: [{ name: "data", host: {} }] }),
    ],
  ])("%s", (_, file, described) => {
    expect([isSameDefinition(file, described), isSameDefinition(described, file)]).toEqual([true, true]);
  });
});

describe("is another", () => {
  test.each<[string, object, object]>([
    ["without a command", sparse({}), sparse({ command: ["serve"] })],
    ["with its words in another order", sparse({ command: ["a", "b"] }), sparse({ command: ["b", "a"] })],
    ["without a privilege", sparse({}), sparse({ privileged: true })],
    ["that is essential again", sparse({}), sparse({ essential: false })],
    ["without a role", sparse({}), sparse({}, { taskRoleArn: "arn:aws:iam::1:role/shop" })],
    [
      "without a fixed port",
      sparse({ portMappings: [{ containerPort: 80 }] }),
      sparse({ portMappings: [{ containerPort: 80, hostPort: 80 }] }),
    ],
    ["without an option that says nothing", sparse({}), sparse({ dockerLabels: { canary: "" } })],
    [
      "with swap again",
      sparse({ linuxParameters: { sharedMemorySize: 1 } }),
      sparse({ linuxParameters: { sharedMemorySize: 1, maxSwap: 0 } }),
    ],
    ["without a variable that is empty", sparse({}), sparse({ environment: [{ name: "A", value: "" }] })],
    ["without a container", sparse({}), { ...sparse({}), containerDefinitions: [web, proxy] }],
  ])("%s", (_, file, described) => {
    expect([isSameDefinition(file, described), isSameDefinition(described, file)]).toEqual([false, false]);
  });
});

test("deploys a file that takes something away, and leaves alone the same file after that", async () => {
  const container = { ...web, command: ["./serve", "--debug"], privileged: true };
  const now = {
    ...taskDefinition,
    taskRoleArn: "arn:aws:iam::123456789012:role/admin",
    containerDefinitions: [container, proxy],
  };
  const files = { "task.json": JSON.stringify(taskDefinition) };
  const parameters = { image: oldImage, "task-definition": "task.json" };
  const run = await deploy({ definitions: [now], parameters, files });
  expect([run.exit, run.model.bodies[0]]).toEqual([0, ["RegisterTaskDefinition", taskDefinition]]);
  const same = await deploy({ parameters, files }, run);
  expect([same.exit, same.record.hosts[0].result]).toEqual([0, "unchanged"]);
});
