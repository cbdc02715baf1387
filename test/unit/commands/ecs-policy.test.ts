import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Policy, parsePolicy } from "../../support/ecr-model/policy.ts";
import { deploy, newImage, taskDefinition } from "./ecs-world.ts";

/** The README's policy against the calls that the command makes: nothing is missing in it, and nothing too much. */

const readme = readFileSync(new URL("../../../README.md", import.meta.url), "utf8");
const [section = ""] = /^## Deploy to ECS$.*?^## /ms.exec(readme) ?? [];
const [, json = "{}"] = /^```json\n(.*?)^```/ms.exec(section) ?? [];
const policy = parsePolicy(json);
const [, forTask = "", itsResource = "", forTags = "", ...forKeep] =
  /needs `(ecs:\w+)` for `(\S+)` as well, .* tags `(ecs:\w+)` for the same, and `keep` needs `(ecs:\w+)` and `(ecs:\w+)` for `\*`/.exec(
    section,
  ) ?? [];

const roles = { ...taskDefinition, taskRoleArn: "arn:aws:iam::123456789012:role/shop" };
const actionsOf = ({ Statement }: Policy) => Statement.flatMap(({ Action }) => Action).sort();
const allowing = (actions: readonly string[], resource: string): Policy => ({
  ...policy,
  Statement: [...policy.Statement, { Effect: "Allow", Action: [...actions], Resource: [resource] }],
});

test("it is what a deployment needs, and what explains one that fails", async () => {
  const run = await deploy({
    allowed: policy,
    definitions: [roles],
    services: { shop: { breaker: { enable: true, rollback: true } } },
    behaves: (image) => (image === newImage ? "crashes" : "well"),
    logs: ["no"],
  });
  expect([run.code, run.model.permissions]).toEqual(["deploy.failed", actionsOf(policy)]);
  expect(run.output).not.toContain("cannot be shown");
});

test("it is, with what it says of that, what a task and tags need", async () => {
  const more = allowing([forTask, forTags], itsResource);
  const run = await deploy({
    allowed: more,
    definitions: [roles],
    tags: [{ key: "team", value: "shop" }],
    parameters: { "run-task": "./migrate" },
  });
  const explained = ["ecs:ListTasks", "logs:GetLogEvents"];
  expect([run.exit, [...run.model.permissions, ...explained].sort()]).toEqual([0, actionsOf(more)]);
});

test("it is, with what it says of that, what keeping revisions needs", async () => {
  const definitions = [roles, roles, roles];
  const run = await deploy({ allowed: allowing(forKeep, "*"), definitions, parameters: { keep: "2" } });
  expect([run.exit, forKeep.every((action) => run.model.permissions.includes(action))]).toEqual([0, true]);
  expect(run.output).toContain("Deregistered shop:2, shop:1.");
});

test.each([
  ["service", { services: { shop: {}, other: {} }, parameters: { service: "other" } }],
  ["role", { definitions: [{ ...roles, taskRoleArn: "arn:aws:iam::123456789012:role/admin" }] }],
])("it is for one %s", async (_, options) => {
  const run = await deploy({ allowed: policy, ...options });
  expect([run.exit, run.code]).toEqual([3, "aws.unauthorized"]);
});
