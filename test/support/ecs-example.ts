import type { EcsModelOptions } from "./ecs-model/ecs-model.ts";
import { type EcsServer, startEcsServer } from "./ecs-model/ecs-server.ts";
import { fillScenarioWithSlack, type SlackExample, stopAll } from "./run-example.ts";

export interface EcsExample extends SlackExample {
  readonly server: EcsServer;
}

/** Starts what examples/ecs needs: Slack, and ECS with three services that run an older image. */
export async function openEcsExample(behaves?: EcsModelOptions["behaves"]): Promise<EcsExample> {
  const breaker = { enable: true, rollback: true };
  const service = { start: 1_000, drain: 60_000, breaker };
  const server = await startEcsServer({
    services: { "shop-develop": service, "shop-preprod": service, "shop-master": service },
    definitions: [
      {
        family: "shop",
        containerDefinitions: [
          {
            name: "web",
            image: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/acme/shop:0.1.0",
            environment: [{ name: "DATABASE_PASSWORD", value: "hunter2" }],
          },
        ],
      },
    ],
    taskDuration: 1_000,
    ...(behaves && { behaves }),
  });
  const filled = await fillScenarioWithSlack("ecs", { aws: { AWS_ENDPOINT_URL: server.url } });
  return { ...filled, server, stop: () => stopAll([server, filled]) };
}
