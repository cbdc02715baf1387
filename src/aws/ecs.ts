import * as v from "valibot";
import { UserError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { createAwsCall, Refused } from "./call.ts";
import type { CredentialStore } from "./credentials.ts";
import * as shapes from "./ecs-shapes.ts";

/** One service of Amazon ECS, and the calls that a deployment of it needs. */
export interface Ecs {
  /** Throws `service.not-found` where there is no such cluster or service. */
  findService(): Promise<shapes.Service>;
  /** Keeps the tags of a definition that are the user's own. */
  readDefinition(arn: string): Promise<DefinitionWithTags>;
  /** Answers the ARN of the new revision. `onLost`: told of each try that may have made another one. */
  register(definition: Readonly<Record<string, unknown>>, onLost: () => void): Promise<string>;
  /** Forced, it starts another deployment each time, and so is asked for once: throws `LostAnswer`. */
  update(revision: string, options: { readonly isForced: boolean }): Promise<shapes.Service>;
  /** Starts one task as the service's own are started. `token`: the same one never starts a second. */
  runTask(service: shapes.Service, asked: TaskRequest): Promise<shapes.Task>;
  findTask(arn: string): Promise<shapes.Task | null>;
  /** Tasks that ended within the last hour: longer, ECS does not keep them. */
  findStoppedTasks(): Promise<readonly shapes.Task[]>;
  /** The newest first. */
  listRevisions(family: string): Promise<readonly string[]>;
  deregister(revision: string): Promise<void>;
}

export interface DefinitionWithTags {
  readonly definition: shapes.Definition;
  readonly tags: readonly { readonly key: string; readonly value: string }[];
}

interface TaskRequest {
  readonly revision: string;
  readonly container: string;
  readonly command: readonly string[];
  readonly token: string;
}

export interface ServiceAddress {
  readonly region: string;
  readonly cluster: string;
  readonly service: string;
}

const anything = v.looseObject({});

export function createEcs(
  host: Host,
  { region, cluster, service }: ServiceAddress,
  credentials: CredentialStore,
): Ecs {
  const call = createAwsCall(
    host,
    { service: "ecs", target: "AmazonEC2ContainerServiceV20141113", region },
    credentials,
  );
  const describeTasks = async (tasks: readonly string[]) =>
    (await call("DescribeTasks", { cluster, tasks }, shapes.Tasks)).tasks;

  return {
    async findService() {
      const body = { cluster, services: [service] };
      const found = await call("DescribeServices", body, shapes.Services, ["ClusterNotFoundException"]).catch(
        (error: unknown) => {
          if (error instanceof Refused) throw describeAbsence(`no cluster \`${cluster}\` in ${region}`);
          throw error;
        },
      );
      const [known] = found.services;
      if (known !== undefined && known.status !== "INACTIVE") return known;
      throw describeAbsence(`no service \`${service}\` in the cluster \`${cluster}\` (${region})`);
    },
    async readDefinition(arn) {
      const { taskDefinition, tags } = await call(
        "DescribeTaskDefinition",
        { taskDefinition: arn, include: ["TAGS"] },
        shapes.Described,
      );
      // AWS sets these itself, and takes them from nobody else.
      return { definition: taskDefinition, tags: tags.filter(({ key }) => !/^aws:/i.test(key)) };
    },
    async register(definition, onLost) {
      const answer = await call("RegisterTaskDefinition", definition, shapes.Registered, [], { onLost });
      return answer.taskDefinition.taskDefinitionArn;
    },
    async update(revision, { isForced }) {
      const body = {
        cluster,
        service,
        taskDefinition: revision,
        ...(isForced && { forceNewDeployment: true }),
      };
      return (await call("UpdateService", body, shapes.UpdatedService, [], { isRepeatable: !isForced }))
        .service;
    },
    async runTask(like, { revision, container, command, token }) {
      const { tasks, failures } = await call(
        "RunTask",
        {
          cluster,
          taskDefinition: revision,
          count: 1,
          clientToken: token,
          overrides: { containerOverrides: [{ name: container, command }] },
          ...placementOf(like),
        },
        shapes.Tasks,
      );
      const [task] = tasks;
      if (task !== undefined) return task;
      const why = failures
        .map(({ reason, detail }) => [reason, detail].filter(Boolean).join(": "))
        .join(", ");
      throw new UserError("deploy.failed", `ECS cannot start a task: ${why || "it does not say why"}.`, {
        hints: ["Check that the cluster has room for one task more."],
      });
    },
    findTask: async (arn) => (await describeTasks([arn]))[0] ?? null,
    async findStoppedTasks() {
      const body = { cluster, serviceName: service, desiredStatus: "STOPPED" };
      const { taskArns } = await call("ListTasks", body, shapes.TaskArns);
      return taskArns.length === 0 ? [] : describeTasks(taskArns);
    },
    async listRevisions(family) {
      const found: string[] = [];
      for (let nextToken = ""; ; ) {
        const body = { familyPrefix: family, status: "ACTIVE", sort: "DESC" };
        const page = await call(
          "ListTaskDefinitions",
          nextToken === "" ? body : { ...body, nextToken },
          shapes.Revisions,
        );
        found.push(...page.taskDefinitionArns);
        nextToken = page.nextToken;
        if (nextToken === "") return found;
      }
    },
    async deregister(revision) {
      await call("DeregisterTaskDefinition", { taskDefinition: revision }, anything);
    },
  };
}

function describeAbsence(what: string): UserError {
  return new UserError("service.not-found", `There is ${what}.`, {
    hints: ["Check `cluster`, `service` and `region`, and whose account the credentials are of."],
  });
}

/** ECS takes either a launch type or a strategy, and the platform version only for Fargate. */
function placementOf(service: shapes.Service): Readonly<Record<string, unknown>> {
  const { launchType, capacityProviderStrategy = [], platformVersion, networkConfiguration } = service;
  return {
    ...(capacityProviderStrategy.length > 0
      ? { capacityProviderStrategy }
      : launchType !== undefined && { launchType }),
    ...(platformVersion !== undefined && { platformVersion }),
    ...(networkConfiguration !== undefined && { networkConfiguration }),
  };
}
