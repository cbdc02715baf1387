import type * as sdk from "@aws-sdk/client-ecs";
import { AwsError } from "../ecr-model/aws-error.ts";
import { Violation } from "../ecr-model/shapes.ts";

/**
 * Which fields each operation knows and needs: the API references of ECS (2014-11-13) and CloudWatch Logs (2014-03-28).
 * Those of ECS are the AWS SDK's as well: the compiler sees to that.
 */

interface Inputs {
  readonly DescribeServices: sdk.DescribeServicesCommandInput;
  readonly DescribeTaskDefinition: sdk.DescribeTaskDefinitionCommandInput;
  readonly RegisterTaskDefinition: sdk.RegisterTaskDefinitionCommandInput;
  readonly UpdateService: sdk.UpdateServiceCommandInput;
  readonly RunTask: sdk.RunTaskCommandInput;
  readonly DescribeTasks: sdk.DescribeTasksCommandInput;
  readonly ListTasks: sdk.ListTasksCommandInput;
  readonly ListTaskDefinitions: sdk.ListTaskDefinitionsCommandInput;
  readonly DeregisterTaskDefinition: sdk.DeregisterTaskDefinitionCommandInput;
  readonly GetLogEvents: Readonly<
    Record<"logGroupName" | "logStreamName" | "limit" | "startFromHead", unknown>
  >;
}

type Targets = {
  readonly [Name in keyof Inputs]: {
    readonly service: "ecs" | "logs";
    readonly prefix: string;
    readonly required: readonly (keyof Inputs[Name])[];
    readonly optional: readonly (keyof Inputs[Name])[];
  };
};

const ecs = { service: "ecs", prefix: "AmazonEC2ContainerServiceV20141113" } as const;
const logs = { service: "logs", prefix: "Logs_20140328" } as const;

export const targets = {
  DescribeServices: { ...ecs, required: ["services"], optional: ["cluster", "include"] },
  DescribeTaskDefinition: { ...ecs, required: ["taskDefinition"], optional: ["include"] },
  RegisterTaskDefinition: {
    ...ecs,
    required: ["family", "containerDefinitions"],
    optional: [
      "taskRoleArn",
      "executionRoleArn",
      "networkMode",
      "volumes",
      "placementConstraints",
      "requiresCompatibilities",
      "cpu",
      "memory",
      "tags",
      "pidMode",
      "ipcMode",
      "proxyConfiguration",
      "inferenceAccelerators",
      "ephemeralStorage",
      "runtimePlatform",
      "enableFaultInjection",
    ],
  },
  UpdateService: {
    ...ecs,
    required: ["service"],
    optional: ["cluster", "taskDefinition", "forceNewDeployment"],
  },
  RunTask: {
    ...ecs,
    required: ["taskDefinition"],
    optional: [
      "cluster",
      "count",
      "clientToken",
      "overrides",
      "launchType",
      "capacityProviderStrategy",
      "platformVersion",
      "networkConfiguration",
    ],
  },
  DescribeTasks: { ...ecs, required: ["tasks"], optional: ["cluster"] },
  ListTasks: { ...ecs, required: [], optional: ["cluster", "serviceName", "desiredStatus"] },
  ListTaskDefinitions: {
    ...ecs,
    required: [],
    optional: ["familyPrefix", "status", "sort", "nextToken", "maxResults"],
  },
  DeregisterTaskDefinition: { ...ecs, required: ["taskDefinition"], optional: [] },
  GetLogEvents: {
    ...logs,
    required: ["logStreamName"],
    optional: ["logGroupName", "limit", "startFromHead"],
  },
} as const satisfies Targets;

export type Operation = keyof typeof targets;

export function isOperation(name: string): name is Operation {
  return name in targets;
}

/** Throws a Violation for a field that the reference does not know, and AWS's own error for one that is missing. */
export function checkRequest(operation: Operation, body: Readonly<Record<string, unknown>>): void {
  const required: readonly string[] = targets[operation].required;
  const optional: readonly string[] = targets[operation].optional;
  const unknown = Object.keys(body).find((name) => !required.includes(name) && !optional.includes(name));
  if (unknown !== undefined) {
    throw new Violation("SerializationException", `${operation} has an unknown field ${unknown}`);
  }
  const missing = required.find((name) => !(name in body));
  if (missing !== undefined) throw new AwsError("InvalidParameterException", `${missing} can not be blank.`);
}
