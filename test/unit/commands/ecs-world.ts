import { definition } from "../../../src/commands/ecs-deploy/definition.ts";
import { ecsDeploy } from "../../../src/commands/ecs-deploy/handler.ts";
import { variableOf } from "../../../src/orb/define-command.ts";
import { runCommand } from "../../../src/run-command.ts";
import { userCredentials } from "../../support/ecr-model/ecr-model.ts";
import { createEcsModel, type EcsModel, type EcsModelOptions } from "../../support/ecs-model/ecs-model.ts";
import { createFakeHost, type FakeHost } from "../../support/fake-host.ts";

/** The model of ECS in memory, on the clock of a host without a machine. */

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
/** A registry with a port, as it is next to a test server. */
export const oldImage = `registry.internal:5000/acme/shop@${digest("a")}`;
export const newImage = `registry.internal:5000/acme/shop@${digest("b")}`;

/** What AWS describes a container with that does not say it. */
const defaults = {
  cpu: 0,
  portMappings: [],
  mountPoints: [],
  volumesFrom: [],
  systemControls: [],
};

/** As AWS describes it. */
export const taskDefinition = {
  family: "shop",
  networkMode: "awsvpc",
  cpu: "256",
  memory: "512",
  requiresCompatibilities: ["FARGATE"],
  executionRoleArn: "arn:aws:iam::123456789012:role/execution",
  volumes: [],
  enableFaultInjection: true,
  containerDefinitions: [
    {
      ...defaults,
      name: "web",
      image: oldImage,
      essential: true,
      environment: [
        { name: "DATABASE_PASSWORD", value: "hunter2" },
        { name: "LOG_LEVEL", value: "info" },
      ],
      secrets: [{ name: "API_KEY", valueFrom: "arn:aws:ssm:eu-west-1:123456789012:parameter/key" }],
      restartPolicy: { enabled: true },
      logConfiguration: {
        logDriver: "awslogs",
        options: {
          "awslogs-group": "/ecs/shop",
          "awslogs-region": "eu-west-1",
          "awslogs-stream-prefix": "shop",
        },
      },
    },
    { ...defaults, name: "proxy", image: "envoy:1", essential: true, environment: [] },
  ],
} as const;

export interface WorldOptions extends Partial<Omit<EcsModelOptions, "now">> {
  readonly parameters?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  /** Before each answer. */
  readonly onCall?: (operation: string, model: EcsModel, host: FakeHost) => void;
  /** What somebody on the way answers with status 200, after ECS has done what it was asked; null: nothing. */
  readonly answer?: (operation: string) => string | null;
  readonly markers?: boolean;
  /** What a file cannot be written for. */
  readonly unwritable?: Error;
}

const job = {
  CIRCLE_JOB: "deploy",
  CIRCLE_BRANCH: "main",
  CIRCLE_SHA1: "0123456789abcdef",
  CIRCLE_PIPELINE_ID: "pipeline-1",
  CIRCLE_BUILD_URL: "https://circleci.com/gh/acme/shop/7",
  AWS_REGION: "eu-west-1",
  AWS_ACCESS_KEY_ID: userCredentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: userCredentials.secretAccessKey,
};

export interface Run {
  readonly exit: number;
  /** `deploy.failed`, or empty. */
  readonly code: string;
  readonly output: string;
  readonly calls: readonly string[];
  readonly markers: readonly string[];
  // biome-ignore lint/suspicious/noExplicitAny: a document that was written, compared whole or in parts
  readonly record: any;
  readonly model: EcsModel;
  readonly host: FakeHost;
  /** Every run's clock begins anew, and the model's goes on. */
  readonly time: { host: FakeHost; passed: number };
}

export async function deploy(options: WorldOptions = {}, earlier?: Run): Promise<Run> {
  const given = {
    cluster: "main",
    service: "shop",
    container: "web",
    image: newImage,
    ...options.parameters,
  };
  const parameters = Object.entries(definition.parameters).map(([name, { default: otherwise }]) => {
    const value = (given as Readonly<Record<string, string>>)[name] ?? otherwise ?? "";
    return [variableOf(name), String(value)] as const;
  });
  const markers: string[] = [];
  const fake = createFakeHost({
    env: { ...job, ...Object.fromEntries(parameters), ...options.env },
    ...(options.files && { files: options.files }),
    fetch: async (url, init) => {
      const headers = Object.fromEntries(new Headers(init.headers));
      const operation = headers["x-amz-target"]?.split(".")[1] ?? "";
      options.onCall?.(operation, model, host);
      host.canceled.throwIfAborted();
      const answer = model.answer({
        method: "POST",
        target: "/",
        headers: { host: new URL(url).host, ...headers },
        body: String(init.body),
      });
      if (answer === null) throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
      return new Response(options.answer?.(operation) ?? answer.body, { status: answer.status });
    },
    exec: async (argv) => {
      if (options.markers !== true) return null;
      markers.push(argv.slice(3).join(" "));
      return { exitCode: 0, output: "", stdout: "" };
    },
  });
  const { unwritable } = options;
  const host: FakeHost =
    unwritable === undefined
      ? fake
      : { ...fake, files: { ...fake.files, write: () => Promise.reject(unwritable) } };
  const time = earlier?.time ?? { host, passed: 0 };
  if (earlier !== undefined) {
    time.passed += time.host.clock.now() - host.clock.now();
    time.host = host;
  }
  const model =
    earlier?.model ??
    createEcsModel({
      services: { shop: {} },
      definitions: [taskDefinition],
      ...options,
      now: () => time.passed + time.host.clock.now(),
    });
  const exit = await runCommand(definition, ecsDeploy, host);
  const record = host.written.get(".circleback/releases/deploy.json");
  const output = host.lines.join("\n");
  return {
    exit,
    code: /^Error: .*? \((\w+\.[\w-]+)\)$/ms.exec(output)?.[1] ?? "",
    output,
    calls: model.calls,
    markers,
    record: record === undefined ? null : JSON.parse(record),
    model,
    host,
    time,
  };
}
