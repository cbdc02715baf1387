import type { Service } from "../../aws/ecs-shapes.ts";
import { type ErrorCode, UserError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { formatDuration } from "../../protocol/poll.ts";
import type { EcsInput } from "./definition.ts";
import { findPrimary, isRolledBack, type Standing } from "./judge.ts";
import type { Plan } from "./plan.ts";
import { attempt, describeEarlier, type Progress, shortRevision } from "./progress.ts";
import { runOnce } from "./run-task.ts";
import { type Looker, showStoppedTasks } from "./show-tasks.ts";
import { updateService } from "./update-service.ts";
import { awaitDeployment } from "./wait.ts";

export interface Deployed {
  readonly result: "deployed" | "started" | "failed" | "rolled-back" | "replaced" | "timed-out";
  /** The ARN. */
  readonly revision: string;
  readonly error: unknown;
}

/** Registers, runs the task, updates the service and waits. `progress` says at any time how far it has come. */
export async function rollOut(
  host: Host,
  looker: Looker,
  input: EcsInput,
  plan: Plan,
  progress: Progress,
): Promise<Deployed> {
  const { ecs, conceal } = looker;
  const revision = await register(host, looker, plan, progress);
  let updated = plan.service;
  if (plan.action !== "join") {
    const { container } = plan.draft;
    if (input.runTask.words.length > 0) {
      const errand = { revision, container, command: input.runTask, timeout: input.timeout };
      await runOnce(host, looker, plan.service, errand, progress);
    }
    host.log.info(`Updating the service to ${progress.revision}.`);
    const isForced = plan.action === "restart" || input.force;
    const update = () => updateService(host, ecs, { before: plan.service, revision, isForced });
    updated = await attempt(progress, "updating", update);
  }
  const id = findPrimary(updated)?.id ?? "";
  if (id === "")
    throw new UserError("aws.failed", "ECS does not say which deployment of the service is the new one.");
  progress.phase = "deployment";
  progress.deployment = id;
  host.log.info(`Deployment ${id} of ${progress.revision}.`);
  if (input.wait === "none") return { result: "started", revision, error: null };

  const { wait, timeout } = input;
  const { before: earlier, service: before } = plan;
  const standing = await awaitDeployment(host, ecs, { id, wait, timeout, before, earlier, conceal });
  if (standing.state === "done") {
    host.log.info(`Deployment ${id}: ${standing.words}.`);
    progress.phase = "over";
    return { result: "deployed", revision, error: null };
  }
  if (standing.state !== "waiting") progress.phase = "over";
  if (standing.state !== "replaced") await showStoppedTasks(host, looker, id);
  const error = explainStanding(standing, input, plan, progress);
  return { result: standing.state === "waiting" ? "timed-out" : standing.state, revision, error };
}

async function register(host: Host, { ecs }: Looker, plan: Plan, progress: Progress): Promise<string> {
  if (!plan.draft.isChanged) return plan.service.taskDefinition;
  let isRepeated = false;
  const onLost = () => {
    isRepeated = true;
  };
  const revision = await attempt(progress, "registering", () => ecs.register(plan.draft.body, onLost));
  progress.phase = "registered";
  progress.revision = shortRevision(revision);
  host.log.info(`Registered ${progress.revision}.`);
  if (isRepeated) host.log.warn("Tries without an answer may have registered others, which nothing uses.");
  return revision;
}

function explainStanding(
  { state, words }: Standing,
  { timeout }: EcsInput,
  { service, name }: Plan,
  { deployment, revision, before }: Progress,
): UserError {
  const said = words === "" ? "" : ` (${words.replace(/\.$/, "")})`;
  const failed = `The deployment ${deployment} of ${revision} to ${name}`;
  const fail = (code: ErrorCode, message: string, ...hints: readonly string[]) =>
    new UserError(code, message, { hints });
  switch (state) {
    case "rolled-back":
      return fail(
        "deploy.failed",
        `${failed} has failed, and ECS rolls the service back${said}${describeEarlier(before)}.`,
        "Events, reasons and the last log lines are above.",
      );
    case "replaced":
      return fail(
        "deploy.failed",
        `${failed} was replaced by another one before it was through${said}.`,
        "Run one deploy of a service at a time: give the job a `serial-group`.",
      );
    case "failed":
      return fail(
        "deploy.failed",
        `${failed} has failed${said}, and ECS ${isRolledBack(service) ? "has not begun to" : "does not"} roll it back: old tasks may run beside it.`,
        `Deploy an image that works${before === "" ? "" : `, such as that of ${before}`}.`,
        ...(isRolledBack(service)
          ? ["ECS goes back only to a deployment that was completed: look whether the service has one."]
          : ["With `rollback` of the deployment circuit breaker, ECS goes back by itself."]),
      );
    default:
      return fail(
        "wait.timeout",
        `${failed} was not through within ${formatDuration(timeout)}${said}.`,
        ...describeBreaker(service),
        "Raise `timeout`, or let `wait: healthy` not wait for old tasks that are draining.",
      );
  }
}

function describeBreaker({ deploymentConfiguration }: Service): readonly string[] {
  if (deploymentConfiguration?.deploymentCircuitBreaker?.enable === true) return [];
  return [
    "Enable the service's deployment circuit breaker: without it, ECS starts failing tasks over and over.",
  ];
}
