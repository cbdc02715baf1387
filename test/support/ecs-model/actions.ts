import { AwsError } from "../ecr-model/aws-error.ts";
import type { EcsModelOptions } from "./ecs-model.ts";
import type { Operation } from "./requests.ts";
import type { ModelService, ModelTask, Scheduler } from "./scheduler.ts";

type Settings = Pick<
  EcsModelOptions,
  "now" | "definitions" | "tags" | "taskExit" | "taskDuration" | "others" | "logs"
>;

export interface EcsWorld extends Scheduler, Settings {
  readonly cluster: string;
  readonly region: string;
  readonly accountId: string;
}

// biome-ignore lint/suspicious/noExplicitAny: checkRequest has checked the fields, and a wrong type shows in the test
type Request = any;
type Answer = Readonly<Record<string, unknown>>;

interface Revision {
  readonly arn: string;
  readonly family: string;
  readonly body: Answer;
  status: "ACTIVE" | "INACTIVE";
}

/** What AWS adds to a task definition when it is registered. */
const added = {
  status: "ACTIVE",
  compatibilities: ["EC2", "FARGATE"],
  requiresAttributes: [{ name: "com.amazonaws.ecs.capability.docker-remote-api.1.18" }],
  registeredAt: 1_767_225_600.123,
  registeredBy: "arn:aws:iam::123456789012:user/ci",
};

/** What AWS adds to a container that does not say it. */
const addedToContainers = {
  cpu: 0,
  essential: true,
  portMappings: [],
  environment: [],
  mountPoints: [],
  volumesFrom: [],
  systemControls: [],
};

export function createEcsActions(world: EcsWorld) {
  const revisions: Revision[] = [];
  const started = new Map<string, string>();

  function register(body: Answer): Revision {
    const family = String(body.family);
    const number = revisions.filter((each) => each.family === family).length + 1;
    const arn = world.arn("task-definition", `${family}:${number}`);
    const revision: Revision = { arn, family, body, status: "ACTIVE" };
    revisions.push(revision);
    return revision;
  }

  function findRevision(name: string): Revision {
    const found = revisions.find(({ arn }) => arn === name || arn.endsWith(`/${name}`));
    if (found === undefined) throw new AwsError("ClientException", "Unable to describe task definition.");
    return found;
  }

  function describeRevision({ arn, body, status }: Revision): Answer {
    const { tags: _, ...definition } = body;
    const containers = definition.containerDefinitions as readonly object[];
    return {
      ...added,
      ...definition,
      containerDefinitions: containers.map((container) => ({ ...addedToContainers, ...container })),
      status,
      taskDefinitionArn: arn,
      revision: Number(arn.split(":").at(-1)),
    };
  }

  function checkCluster(request: Request): void {
    const name = String(request.cluster ?? "default")
      .split("/")
      .at(-1);
    if (name !== world.cluster) throw new AwsError("ClusterNotFoundException", "Cluster not found.");
  }

  function findService(request: Request): ModelService {
    checkCluster(request);
    const service = world.services.get(String(request.service).split("/").at(-1) ?? "");
    if (service === undefined) throw new AwsError("ServiceNotFoundException", "Service not found.");
    return service;
  }

  function imageOf(arn: string): string {
    const [first] = findRevision(arn).body.containerDefinitions as readonly { readonly image: string }[];
    return first?.image ?? "";
  }

  function describeService(service: ModelService): Answer {
    world.advance(service);
    const { settings, rollouts } = service;
    const [primary, ...older] = rollouts;
    if (primary === undefined) throw new Error("a service has a deployment");
    const age = world.now() - primary.since;
    const isUp = primary.state === "COMPLETED" || (primary.behaviour === "well" && age >= settings.start);
    const running = isUp
      ? settings.desiredCount
      : primary.behaviour === "never-ready"
        ? settings.desiredCount - 1
        : 0;
    const common = { launchType: settings.launchType ?? "FARGATE", createdAt: primary.since / 1000 };
    const describe = (each: typeof primary, status: string, counts: readonly [number, number, number]) => ({
      ...common,
      id: each.id,
      status,
      taskDefinition: each.definition,
      desiredCount: counts[0],
      pendingCount: counts[1],
      runningCount: counts[2],
      failedTasks: each.failed,
      ...(settings.isClassic !== true && { rolloutState: each.state, rolloutStateReason: each.reason }),
    });
    const left = isUp ? 0 : settings.desiredCount;
    return {
      serviceArn: world.arn("service", `${world.cluster}/${service.name}`),
      serviceName: service.name,
      clusterArn: world.arn("cluster", world.cluster),
      status: "ACTIVE",
      taskDefinition: primary.definition,
      desiredCount: settings.desiredCount,
      launchType: settings.launchType ?? "FARGATE",
      ...(settings.controller !== undefined && { deploymentController: { type: settings.controller } }),
      deploymentConfiguration: {
        strategy: "ROLLING",
        maximumPercent: 200,
        minimumHealthyPercent: 100,
        deploymentCircuitBreaker: settings.breaker ?? { enable: false, rollback: false },
      },
      deployments: [
        describe(primary, "PRIMARY", [settings.desiredCount, settings.desiredCount - running, running]),
        // Of a failed deployment nothing runs; of the one before, all until the new tasks do, and then it drains.
        ...older.map((each) =>
          describe(each, "ACTIVE", each.state === "FAILED" ? [0, 0, 0] : [left, 0, settings.desiredCount]),
        ),
      ],
      events: service.events,
      ...settings.more,
    };
  }

  function describeTask(task: ModelTask): Answer {
    const hasEnded = world.now() >= task.stopsAt;
    const isStopped = world.now() >= task.stopsAt + (world.others ?? 0);
    const definitions = findRevision(task.definition).body.containerDefinitions as readonly {
      readonly name: string;
    }[];
    return {
      taskArn: task.taskArn,
      taskDefinitionArn: task.definition,
      startedBy: task.startedBy,
      lastStatus: isStopped ? "STOPPED" : "RUNNING",
      ...(isStopped && { stopCode: task.stopCode, stoppedReason: task.stoppedReason }),
      containers: definitions.map(({ name }, index) => ({
        name,
        lastStatus: (index === 0 ? hasEnded : isStopped) ? "STOPPED" : "RUNNING",
        ...((index === 0 ? hasEnded : isStopped) &&
          task.exitCode !== null && { exitCode: index === 0 ? task.exitCode : 0 }),
        ...(isStopped && task.reason !== null && { reason: task.reason }),
      })),
    };
  }

  function absent(name: string): Answer {
    return { arn: world.arn("service", `${world.cluster}/${name}`), reason: "MISSING" };
  }

  const perform: Readonly<Record<Operation, (request: Request) => Answer>> = {
    DescribeServices(request) {
      checkCluster(request);
      const names: readonly string[] = request.services.map((each: string) => each.split("/").at(-1));
      const found = names.flatMap((name) => world.services.get(name) ?? []);
      return {
        services: found.map(describeService),
        failures: names.filter((name) => !world.services.has(name)).map(absent),
      };
    },
    DescribeTaskDefinition(request) {
      const revision = findRevision(request.taskDefinition);
      const tags = request.include?.includes("TAGS") ? { tags: revision.body.tags ?? world.tags ?? [] } : {};
      return { taskDefinition: describeRevision(revision), ...tags };
    },
    RegisterTaskDefinition(request) {
      for (const { name, environment = [], secrets = [] } of request.containerDefinitions) {
        const names = [...environment, ...secrets].map((each: { readonly name: string }) => each.name);
        if (new Set(names).size < names.length) {
          throw new AwsError("ClientException", `The secret name must be unique in container ${name}.`);
        }
      }
      return { taskDefinition: describeRevision(register(request)), tags: request.tags ?? [] };
    },
    UpdateService(request) {
      const service = findService(request);
      world.advance(service);
      const [primary] = service.rollouts;
      const definition = findRevision(request.taskDefinition ?? primary?.definition);
      if (definition.status === "INACTIVE")
        throw new AwsError("ClientException", "TaskDefinition is inactive");
      if (primary?.definition !== definition.arn || request.forceNewDeployment === true) {
        world.begin(service, definition.arn, imageOf(definition.arn));
      }
      return { service: describeService(service) };
    },
    RunTask(request) {
      checkCluster(request);
      const known = started.get(request.clientToken);
      const revision = findRevision(request.taskDefinition);
      const taskArn = known ?? world.arn("task", `${world.cluster}/${world.next()}`);
      started.set(request.clientToken, taskArn);
      const task: ModelTask = world.tasks.get(taskArn) ?? {
        taskArn,
        startedBy: "",
        definition: revision.arn,
        stoppedReason: "Essential container in task exited",
        stopCode: "EssentialContainerExited",
        exitCode: world.taskExit ?? 0,
        reason: null,
        stopsAt: world.now() + (world.taskDuration ?? 8_000),
      };
      world.tasks.set(taskArn, task);
      return { tasks: [describeTask(task)], failures: [] };
    },
    DescribeTasks(request) {
      checkCluster(request);
      const found = request.tasks.flatMap((arn: string) => world.tasks.get(arn) ?? []);
      return { tasks: found.map(describeTask), failures: [] };
    },
    ListTasks(request) {
      findService({ ...request, service: request.serviceName });
      const stopped = [...world.tasks.values()].filter(({ stopsAt }) => world.now() >= stopsAt);
      return { taskArns: stopped.filter(({ startedBy }) => startedBy !== "").map(({ taskArn }) => taskArn) };
    },
    ListTaskDefinitions(request) {
      const active = revisions.filter(
        ({ family, status }) => family === request.familyPrefix && status === "ACTIVE",
      );
      const arns = active.map(({ arn }) => arn).reverse();
      const from = Number(request.nextToken ?? 0);
      const page = arns.slice(from, from + 2);
      return { taskDefinitionArns: page, ...(from + 2 < arns.length && { nextToken: String(from + 2) }) };
    },
    DeregisterTaskDefinition(request) {
      const revision = findRevision(request.taskDefinition);
      revision.status = "INACTIVE";
      return { taskDefinition: describeRevision(revision) };
    },
    GetLogEvents(request) {
      if (world.logs === undefined) {
        throw new AwsError("ResourceNotFoundException", "The specified log stream does not exist.");
      }
      const events = world.logs.map((message, index) => ({
        message,
        timestamp: index,
        ingestionTime: index,
      }));
      return { events: events.slice(-request.limit) };
    },
  };

  for (const body of world.definitions) register(body);
  return {
    revisions,
    perform: (operation: Operation, request: Request) => perform[operation](request),
    /** The service authorization references of ECS, of CloudWatch Logs and of IAM. */
    permissionsOf(operation: Operation, request: Request): readonly (readonly [string, string])[] {
      const service = (name: unknown) =>
        world.arn("service", `${world.cluster}/${String(name).split("/").at(-1)}`);
      const definition = (name: string) =>
        name.startsWith("arn:") ? name : world.arn("task-definition", name);
      const action = `ecs:${operation}`;
      switch (operation) {
        case "DescribeServices":
          return request.services.map((name: string) => [action, service(name)] as const);
        case "UpdateService":
          return [[action, service(request.service)]];
        case "RegisterTaskDefinition": {
          const resource = world.arn("task-definition", `${request.family}:*`);
          const roles = [request.taskRoleArn, request.executionRoleArn].filter(Boolean);
          return [
            [action, resource],
            ...(request.tags === undefined ? [] : [["ecs:TagResource", resource] as const]),
            ...roles.map((role: string) => ["iam:PassRole", role] as const),
          ];
        }
        case "RunTask":
          return [[action, definition(request.taskDefinition)]];
        case "DescribeTasks":
          return request.tasks.map((arn: string) => [action, arn] as const);
        case "GetLogEvents":
          return [
            [
              "logs:GetLogEvents",
              `arn:aws:logs:${world.region}:${world.accountId}:log-group:${request.logGroupName}:log-stream:${request.logStreamName}`,
            ],
          ];
        default:
          return [[action, "*"]];
      }
    },
  };
}
