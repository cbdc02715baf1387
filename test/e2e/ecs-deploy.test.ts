import { describe, expect, test } from "vitest";
import { startBundle } from "../support/bundle.ts";
import { hasMoto, openMoto } from "../support/delivery.ts";
import { userCredentials } from "../support/ecr-model/ecr-model.ts";
import { startEcsServer } from "../support/ecs-model/ecs-server.ts";
import { makeFolder } from "../support/folders.ts";
import { parameterVariables } from "../support/service.ts";

const image = (letter: string) => `registry.internal:5000/acme/shop@sha256:${letter.repeat(64)}`;
const definition = {
  family: "shop",
  containerDefinitions: [
    {
      name: "web",
      image: image("a"),
      memory: 128,
      environment: [{ name: "DATABASE_PASSWORD", value: "hunter2" }],
    },
  ],
};

async function start(url: string, parameters: Readonly<Record<string, string>> = {}) {
  const given = { cluster: "main", service: "shop", image: image("b"), ...parameters };
  const directory = makeFolder();
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: directory,
    AWS_REGION: "eu-west-1",
    AWS_ENDPOINT_URL: url,
    AWS_ACCESS_KEY_ID: userCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: userCredentials.secretAccessKey,
    ...(await parameterVariables("ecs-deploy", given)),
  };
  return startBundle("ecs-deploy", env, directory);
}

test("the program tells a cancelled job's user that ECS goes on", async () => {
  const { url, stop } = await startEcsServer({ services: { shop: {} }, definitions: [definition] });
  const { child, untilItSays, result } = await start(url);
  await untilItSays("0 of 2 new tasks run");
  child.kill("SIGTERM");
  const { exitCode, errorCode, stdout, stderr } = await result;
  await stop();
  expect([exitCode, errorCode]).toEqual([6, "job.canceled"]);
  expect(stderr).toContain("of shop:2 goes on in ECS; before it, the service ran shop:1.");
  expect(stdout + stderr).not.toMatch(/hunter2|wJalrXUtnFEMI/);
});

describe.runIf(hasMoto())("with moto", () => {
  test("the program deploys what moto understands", async () => {
    const { url } = await openMoto();
    const call = async (operation: string, body: object) => {
      const response = await fetch(url, {
        method: "POST",
        headers: {
          "content-type": "application/x-amz-json-1.1",
          "x-amz-target": `AmazonEC2ContainerServiceV20141113.${operation}`,
          authorization:
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/eu-west-1/ecs/aws4_request, SignedHeaders=host, Signature=0",
        },
        body: JSON.stringify(body),
      });
      return JSON.parse(await response.text());
    };
    await call("CreateCluster", { clusterName: "main" });
    await call("RegisterTaskDefinition", definition);
    // Moto starts no tasks: a deployment of none of them is completed.
    await call("CreateService", {
      cluster: "main",
      serviceName: "shop",
      taskDefinition: "shop:1",
      desiredCount: 0,
    });
    const { exitCode, stdout, stderr } = await (await start(url, { env: "LOG_LEVEL=warn", keep: "1" }))
      .result;
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).not.toContain("hunter2");
    const { taskDefinition } = await call("DescribeTaskDefinition", { taskDefinition: "shop" });
    const { services } = await call("DescribeServices", { cluster: "main", services: ["shop"] });
    expect([taskDefinition.revision, services[0].taskDefinition]).toEqual([
      2,
      taskDefinition.taskDefinitionArn,
    ]);
    expect(taskDefinition.containerDefinitions).toMatchObject([
      {
        name: "web",
        image: image("b"),
        memory: 128,
        environment: [
          { name: "DATABASE_PASSWORD", value: "hunter2" },
          { name: "LOG_LEVEL", value: "warn" },
        ],
      },
    ]);
  });

  test.each([
    ["cluster", { cluster: "nowhere" }],
    ["service", { cluster: "main", service: "nothing" }],
  ])("the program knows moto's answer for no such %s", async (_, parameters) => {
    const { url } = await openMoto();
    const { exitCode, errorCode } = await (await start(url, parameters)).result;
    expect([exitCode, errorCode]).toEqual([5, "service.not-found"]);
  });
});
