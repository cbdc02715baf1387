import * as v from "valibot";

const text = v.optional(v.string(), "");
const count = v.optional(v.number(), 0);

function listOf<S extends v.GenericSchema>(schema: S) {
  return v.optional(v.array(schema), []);
}

const Container = v.looseObject({
  name: v.string(),
  image: v.optional(v.string()),
  environment: v.optional(v.array(v.looseObject({ name: v.string(), value: v.string() }))),
  secrets: v.optional(v.array(v.looseObject({ name: v.string() }))),
  logConfiguration: v.optional(
    v.looseObject({
      logDriver: v.optional(v.string()),
      options: v.optional(v.record(v.string(), v.string())),
    }),
  ),
});
export type Container = v.InferOutput<typeof Container>;

/** Loose and without defaults: every field there is stays what it is, also those that AWS has yet to think of. */
export const Definition = v.looseObject({
  family: v.optional(v.string()),
  containerDefinitions: v.array(Container),
});
export type Definition = v.InferOutput<typeof Definition>;

const Deployment = v.object({
  id: text,
  status: text,
  taskDefinition: text,
  desiredCount: count,
  pendingCount: count,
  runningCount: count,
  failedTasks: count,
  /** Empty for services behind a Classic Load Balancer, of which ECS does not say it. */
  rolloutState: text,
  rolloutStateReason: text,
});
export type Deployment = v.InferOutput<typeof Deployment>;

/** What lets a deployment fail before its time, and may roll it back. */
const Guard = v.object({ enable: v.boolean(), rollback: v.boolean() });

export const Service = v.object({
  serviceName: text,
  status: text,
  taskDefinition: text,
  desiredCount: count,
  deployments: listOf(Deployment),
  events: listOf(v.object({ id: text, message: text })),
  deploymentController: v.optional(v.object({ type: text })),
  deploymentConfiguration: v.optional(
    v.object({
      strategy: text,
      deploymentCircuitBreaker: v.optional(Guard),
      alarms: v.optional(Guard),
    }),
  ),
  // What a single task of it needs to run where its tasks run.
  launchType: v.optional(v.string()),
  capacityProviderStrategy: v.optional(v.array(v.unknown())),
  platformVersion: v.optional(v.string()),
  networkConfiguration: v.optional(v.unknown()),
});
export type Service = v.InferOutput<typeof Service>;

const Failures = listOf(v.object({ arn: text, reason: text, detail: text }));

export const Task = v.object({
  taskArn: v.string(),
  lastStatus: text,
  startedBy: text,
  stopCode: text,
  stoppedReason: text,
  containers: listOf(
    v.object({
      name: text,
      lastStatus: text,
      runtimeId: text,
      reason: text,
      exitCode: v.optional(v.number()),
    }),
  ),
});
export type Task = v.InferOutput<typeof Task>;

export const Services = v.object({ services: listOf(Service), failures: Failures });
export const UpdatedService = v.object({ service: Service });
export const Described = v.object({
  taskDefinition: Definition,
  tags: listOf(v.object({ key: text, value: text })),
});
export const Registered = v.object({ taskDefinition: v.object({ taskDefinitionArn: v.string() }) });
export const Tasks = v.object({ tasks: listOf(Task), failures: Failures });
export const TaskArns = v.object({ taskArns: listOf(v.string()) });
export const Revisions = v.object({ taskDefinitionArns: listOf(v.string()), nextToken: text });
