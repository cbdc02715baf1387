import { expect, test } from "vitest";
import { findLogStream } from "../../../src/aws/container-log.ts";
import type { Container } from "../../../src/aws/ecs-shapes.ts";

const options = {
  "awslogs-region": "eu-west-1",
  "awslogs-group": "/ecs/shop",
  "awslogs-stream-prefix": "shop",
};
const { "awslogs-stream-prefix": _, ...withoutPrefix } = options;
const { "awslogs-group": __, ...withoutGroup } = options;
const task = { id: "0123", runtimeId: "abcd" };
const place = { region: "eu-west-1", group: "/ecs/shop" };

test.each<[string, Container["logConfiguration"], object | null]>([
  ["awslogs with a prefix", { logDriver: "awslogs", options }, { ...place, stream: "shop/web/0123" }],
  ["awslogs without one", { logDriver: "awslogs", options: withoutPrefix }, { ...place, stream: "abcd" }],
  ["awslogs without a group", { logDriver: "awslogs", options: withoutGroup }, null],
  ["another driver", { logDriver: "awsfirelens", options }, null],
  ["none", undefined, null],
])("finds the log of a container with %s", (_, logConfiguration, stream) => {
  const container = { name: "web", ...(logConfiguration && { logConfiguration }) };
  expect(findLogStream(container, task)).toEqual(stream);
});
