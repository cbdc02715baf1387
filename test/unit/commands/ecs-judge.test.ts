import * as v from "valibot";
import { expect, test } from "vitest";
import { Service } from "../../../src/aws/ecs-shapes.ts";
import { judge, type Wanted } from "../../../src/commands/ecs-deploy/judge.ts";

const wanted: Wanted = { id: "new", wait: "completed", before: "shop:1" };
const fresh = {
  id: "new",
  status: "PRIMARY",
  taskDefinition: "shop:2",
  desiredCount: 2,
  runningCount: 2,
  rolloutState: "IN_PROGRESS",
};
const old = {
  id: "old",
  status: "ACTIVE",
  taskDefinition: "shop:1",
  runningCount: 2,
  rolloutState: "COMPLETED",
};

interface Row {
  readonly service?: object;
  readonly deployments: readonly object[];
  readonly wait?: Wanted["wait"];
}

const look = ({ service, deployments, wait = "completed" }: Row) =>
  judge(v.parse(Service, { desiredCount: 2, deployments, ...service }), { ...wanted, wait }).state;

const failed = { ...fresh, rolloutState: "FAILED" };
const blueGreen = { deploymentConfiguration: { strategy: "BLUE_GREEN" } };
const back = (reason: string) => ({ ...old, status: "PRIMARY", rolloutStateReason: reason });

test.each<[string, string, Row]>([
  ["done", "that ECS calls completed", { deployments: [{ ...fresh, rolloutState: "COMPLETED" }, old] }],
  ["waiting", "whose tasks run, where completed is wanted", { deployments: [fresh, old] }],
  ["waiting", "that ECS does not show yet", { deployments: [] }],
  ["failed", "that has failed, and is not rolled back", { deployments: [failed, old] }],
  [
    "rolled-back",
    "that has failed, beside the one before",
    { deployments: [back(""), { ...failed, status: "ACTIVE" }] },
  ],
  ["rolled-back", "that is gone, where what was before is back", { deployments: [back("")] }],
  [
    "rolled-back",
    "that is gone, where ECS says that it rolled back to something older",
    {
      deployments: [
        {
          ...back("ECS deployment circuit breaker: rolling back to deploymentId x."),
          taskDefinition: "shop:0",
        },
      ],
    },
  ],
  [
    "replaced",
    "beside a new one of what was before, which somebody else has begun",
    { deployments: [back(""), { ...fresh, status: "ACTIVE" }] },
  ],
  [
    "replaced",
    "beside another new one",
    {
      deployments: [
        { ...back(""), taskDefinition: "shop:3" },
        { ...fresh, status: "ACTIVE" },
      ],
    },
  ],
])("is %s with a deployment %s", (state, _, row) => expect(look(row)).toBe(state));

test.each<[string, string, Row]>([
  ["done", "all new tasks run, and old ones drain", { deployments: [fresh, old] }],
  ["waiting", "an old task is still wanted", { deployments: [fresh, { ...old, desiredCount: 1 }] }],
  ["waiting", "a new task is missing", { deployments: [{ ...fresh, runningCount: 1 }, old] }],
  ["waiting", "one more is being started", { deployments: [{ ...fresh, pendingCount: 1 }, old] }],
  [
    "waiting",
    "no task is wanted, so that none can be healthy",
    { service: { desiredCount: 0 }, deployments: [{ ...fresh, desiredCount: 0, runningCount: 0 }, old] },
  ],
  [
    "waiting",
    "another strategy has phases of its own after that",
    { service: blueGreen, deployments: [fresh, old] },
  ],
])("where healthy is enough, is %s when %s", (state, _, row) => {
  expect(look({ ...row, wait: "healthy" })).toBe(state);
});

const silent = { ...fresh, rolloutState: "" };

test.each<[string, string, Row]>([
  ["done", "it is the only one, with all its tasks", { deployments: [silent] }],
  ["waiting", "an old one is there", { deployments: [silent, { ...old, rolloutState: "" }] }],
  ["waiting", "a task is missing", { deployments: [{ ...silent, runningCount: 1 }] }],
])("where ECS tells no rollout state, is %s when %s", (state, _, row) => expect(look(row)).toBe(state));
