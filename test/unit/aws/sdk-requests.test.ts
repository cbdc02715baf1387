import * as sdk from "@aws-sdk/client-ecs";
import { DescribeClusterCommand, EKSClient } from "@aws-sdk/client-eks";
import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { expect, test } from "vitest";
import { createEcs, type Ecs } from "../../../src/aws/ecs.ts";
import { openEks } from "../../../src/aws/eks.ts";
import { assumeRole } from "../../../src/aws/web-identity.ts";
import { draftDefinition } from "../../../src/commands/ecs-deploy/draft.ts";
import { Secret } from "../../../src/secret.ts";
import { createFakeHost } from "../../support/fake-host.ts";

/**
 * Every request against the one that the AWS SDK makes of the same input. The SDK leaves out what AWS's model of the
 * service does not know, at any depth: a field that is misspelt, or in a wrong place, makes a difference.
 */

const region = "eu-west-1";
const keys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI" };
const store = {
  get: async () => ({ ...keys, secretAccessKey: new Secret(keys.secretAccessKey), sessionToken: null }),
  canRenew: () => false,
  drop: () => {},
};

interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The headers that say what is asked for, and not who asks when. */
function headersOf(headers: Readonly<Record<string, string>>) {
  const said = ["content-type", "x-amz-target"];
  return Object.fromEntries(Object.entries(headers).filter(([name]) => said.includes(name)));
}

/** The requests that `act` sends, each answered with the next body, the last again and again. */
async function ours(
  act: (host: ReturnType<typeof createFakeHost>) => Promise<unknown>,
  ...answers: string[]
) {
  const sent: Sent[] = [];
  const host = createFakeHost({
    fetch: async (url, { method = "", headers, body }) => {
      const answer = answers[Math.min(sent.length, answers.length - 1)];
      const own = headersOf(Object.fromEntries(new Headers(headers)));
      sent.push({ method, url: url.replace(/\/$/, ""), headers: own, body: String(body ?? "") });
      return new Response(answer);
    },
  });
  await act(host);
  return sent;
}

interface Handled {
  readonly method: string;
  readonly hostname: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** What a client of the SDK would send. */
async function theirs(send: (options: object) => Promise<unknown>): Promise<Sent> {
  const seen: Handled[] = [];
  const requestHandler = {
    async handle(request: Handled) {
      seen.push(request);
      throw Object.assign(new Error("seen"), { $retryable: false });
    },
  };
  await send({ region, credentials: keys, requestHandler }).catch(() => {});
  const [request] = seen;
  if (request === undefined) throw new Error("the SDK has sent nothing");
  const { method, hostname, path, headers, body } = request;
  const url = `https://${hostname}${path}`.replace(/\/$/, "");
  return {
    method,
    url,
    headers: headersOf(headers),
    body: typeof body === "string" ? body : new TextDecoder().decode(body),
  };
}

const ecsCommands: Readonly<Record<string, new (input: never) => object>> = {
  DescribeServices: sdk.DescribeServicesCommand,
  DescribeTaskDefinition: sdk.DescribeTaskDefinitionCommand,
  RegisterTaskDefinition: sdk.RegisterTaskDefinitionCommand,
  UpdateService: sdk.UpdateServiceCommand,
  RunTask: sdk.RunTaskCommand,
  DescribeTasks: sdk.DescribeTasksCommand,
  ListTasks: sdk.ListTasksCommand,
  ListTaskDefinitions: sdk.ListTaskDefinitionsCommand,
  DeregisterTaskDefinition: sdk.DeregisterTaskDefinitionCommand,
};

const service = {
  status: "ACTIVE",
  serviceName: "shop",
  capacityProviderStrategy: [{ capacityProvider: "FARGATE_SPOT", weight: 1, base: 0 }],
  platformVersion: "1.4.0",
  networkConfiguration: {
    awsvpcConfiguration: { subnets: ["subnet-1"], securityGroups: ["sg-1"], assignPublicIp: "DISABLED" },
  },
};

/** A definition in which every field is set that AWS's model of one has: the compiler misses those that are not here. */
const whole: Readonly<Record<keyof sdk.TaskDefinition, unknown>> = {
  taskDefinitionArn: "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop:7",
  revision: 7,
  status: "ACTIVE",
  compatibilities: ["FARGATE"],
  requiresAttributes: [{ name: "ecs.capability.execution-role-ecr-pull" }],
  registeredAt: 1_767_225_600.1,
  registeredBy: "arn:aws:iam::123456789012:user/ci",
  deregisteredAt: 1_767_225_600.1,
  deleteRequestedAt: 1_767_225_600.1,
  family: "shop",
  containerDefinitions: [{ name: "web", image: "old", restartPolicy: { enabled: true } }, { name: "proxy" }],
  cpu: "256",
  memory: "512",
  executionRoleArn: "arn:aws:iam::123456789012:role/execution",
  taskRoleArn: "arn:aws:iam::123456789012:role/shop",
  networkMode: "awsvpc",
  requiresCompatibilities: ["FARGATE"],
  runtimePlatform: { cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" },
  ephemeralStorage: { sizeInGiB: 30 },
  volumes: [{ name: "data", host: {} }],
  placementConstraints: [{ type: "memberOf", expression: "x" }],
  proxyConfiguration: { containerName: "proxy", type: "APPMESH", properties: [{ name: "a", value: "b" }] },
  inferenceAccelerators: [{ deviceName: "a", deviceType: "b" }],
  pidMode: "task",
  ipcMode: "task",
  enableFaultInjection: true,
};

/** All that RegisterTaskDefinition takes. */
const taken: Readonly<Record<keyof sdk.RegisterTaskDefinitionCommandInput, true>> = {
  family: true,
  containerDefinitions: true,
  cpu: true,
  memory: true,
  executionRoleArn: true,
  taskRoleArn: true,
  networkMode: true,
  requiresCompatibilities: true,
  runtimePlatform: true,
  ephemeralStorage: true,
  volumes: true,
  placementConstraints: true,
  proxyConfiguration: true,
  inferenceAccelerators: true,
  pidMode: true,
  ipcMode: true,
  enableFaultInjection: true,
  tags: true,
};

const { body: copy } = draftDefinition(
  {
    definition: whole as Parameters<typeof draftDefinition>[0]["definition"],
    tags: [{ key: "team", value: "shop" }],
  },
  null,
  { container: "web", image: "new", env: [{ name: "LOG_LEVEL", value: "warn", isSecret: false }] },
);

test("copies all that RegisterTaskDefinition takes of a task definition, and nothing else", () => {
  expect(Object.keys(copy).sort()).toEqual(Object.keys(taken).sort());
});

const described = JSON.stringify({
  services: [service],
  service,
  taskDefinition: { taskDefinitionArn: "arn", containerDefinitions: [] },
  taskDefinitionArns: [],
  taskArns: ["arn"],
  tasks: [{ taskArn: "arn" }],
});
const wish = { revision: "shop:8", container: "web", command: ["./migrate", "up"], token: "abc" };

test.each<[string, (ecs: Ecs) => Promise<unknown>, ...string[]]>([
  ["looks at a service", (ecs) => ecs.findService()],
  ["reads a definition", (ecs) => ecs.readDefinition("shop:7")],
  ["registers one", (ecs) => ecs.register(copy, () => {})],
  ["updates a service", (ecs) => ecs.update("shop:8", { isForced: true })],
  ["runs a task", async (ecs) => ecs.runTask(await ecs.findService(), wish)],
  ["looks at a task", (ecs) => ecs.findTask("arn")],
  ["looks for stopped tasks", (ecs) => ecs.findStoppedTasks()],
  [
    "lists revisions",
    (ecs) => ecs.listRevisions("shop"),
    '{"taskDefinitionArns":[],"nextToken":"2"}',
    described,
  ],
  ["deregisters one", (ecs) => ecs.deregister("shop:1")],
])("%s as the AWS SDK does", async (_, act, ...answers) => {
  const address = { region, cluster: "main", service: "shop" };
  const sent = await ours(
    (host) => act(createEcs(host, address, store)),
    ...(answers.length > 0 ? answers : [described]),
  );
  expect(sent.length).toBeGreaterThan(0);
  for (const request of sent) {
    const body = JSON.parse(request.body);
    const Command = ecsCommands[request.headers["x-amz-target"]?.split(".")[1] ?? ""];
    if (Command === undefined) throw new Error(`the AWS SDK is not asked about ${request.body}`);
    const expected = await theirs((options) =>
      new sdk.ECSClient(options).send(new Command(body as never) as never),
    );
    expect({ ...request, body }).toEqual({ ...expected, body: JSON.parse(expected.body) });
  }
});

test("asks EKS for a cluster as the AWS SDK does", async () => {
  const cluster = { status: "ACTIVE", endpoint: "https://k", certificateAuthority: { data: "QQ==" } };
  const [request] = await ours(
    (host) => openEks(host, { name: "prod_1", region }, store),
    JSON.stringify({ cluster }),
  );
  const expected = await theirs((options) =>
    new EKSClient(options).send(new DescribeClusterCommand({ name: "prod_1" })),
  );
  expect(request).toEqual(expected);
});

test("asks STS for credentials as the AWS SDK does", async () => {
  const token = "e30.e30.+/=&%20";
  const identity = {
    roleArn: "arn:aws:iam::123456789012:role/a+b@c",
    token: new Secret(token),
    source: "X",
  };
  const granted =
    "<r><AccessKeyId>A</AccessKeyId><SecretAccessKey>B</SecretAccessKey><SessionToken>C</SessionToken></r>";
  const [request] = await ours((host) => assumeRole(host, region, identity), granted);
  const form = Object.fromEntries(new URLSearchParams(request?.body));
  const { Action: _, Version: __, DurationSeconds, ...input } = form;
  const expected = await theirs((options) =>
    new STSClient(options).send(
      new AssumeRoleWithWebIdentityCommand({
        ...input,
        RoleArn: identity.roleArn,
        WebIdentityToken: token,
        RoleSessionName: form.RoleSessionName,
        ...(DurationSeconds !== undefined && { DurationSeconds: Number(DurationSeconds) }),
      }),
    ),
  );
  const media = (value = "") => ({ "content-type": value.replace(/;.*/, "") });
  expect({ ...request, headers: media(request?.headers["content-type"]), body: form }).toEqual({
    ...expected,
    headers: media(expected.headers["content-type"]),
    body: Object.fromEntries(new URLSearchParams(expected.body)),
  });
});
