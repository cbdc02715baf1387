import type { Deployment, Service } from "../../aws/ecs-shapes.ts";
import { shortRevision } from "./progress.ts";

export type Wait = "completed" | "healthy";

export interface Wanted {
  readonly id: string;
  readonly wait: Wait;
  /** Family and revision that the service had before; empty where nobody knows. */
  readonly before: string;
}

/** How a deployment stands, by one look at its service. */
export interface Standing {
  readonly state: "done" | "waiting" | "failed" | "rolled-back" | "replaced";
  readonly words: string;
}

export function judge(service: Service, { id, wait, before }: Wanted): Standing {
  const own = service.deployments.find((each) => each.id === id);
  const primary = findPrimary(service);
  const words = own === undefined ? "" : describeTasks(service, own);
  if (own?.rolloutState === "FAILED") {
    const isBack = primary !== null && primary.id !== id;
    return { state: isBack ? "rolled-back" : "failed", words: own.rolloutStateReason };
  }
  if (primary !== null && primary.id !== id) {
    // ECS says it, or has forgotten the failed one when the older one is back; beside a running one somebody else began it.
    const isBack =
      /roll(ing|ed) back/i.test(primary.rolloutStateReason) ||
      (own === undefined && shortRevision(primary.taskDefinition) === before);
    return { state: isBack ? "rolled-back" : "replaced", words: primary.rolloutStateReason };
  }
  if (own === undefined) return { state: "waiting", words: "ECS does not show the deployment yet" };
  if (own.rolloutState === "COMPLETED") return { state: "done", words };
  if (wait === "healthy" && isHealthy(service, own)) return { state: "done", words };
  if (own.rolloutState === "" && isStable(service, own)) return { state: "done", words };
  return { state: "waiting", words };
}

export function findPrimary(service: Service): Deployment | null {
  return service.deployments.find(({ status }) => status === "PRIMARY") ?? null;
}

/** Whether ECS is to roll back by itself what fails. */
export function isRolledBack({ deploymentConfiguration: settings }: Service): boolean {
  return [settings?.deploymentCircuitBreaker, settings?.alarms].some((each) => each?.enable && each.rollback);
}

/** What ran before the deployment that is under way: what ECS would go back to, or at least one that is still there. */
export function findEarlier({ deployments }: Service): Deployment | null {
  const others = deployments.filter((each) => each.status !== "PRIMARY" && each.rolloutState !== "FAILED");
  return others.find(({ rolloutState }) => rolloutState === "COMPLETED") ?? others[0] ?? null;
}

/**
 * All new tasks run, and ECS wants none of the old ones any more, which it stops no earlier than the new ones are
 * healthy; they may still be draining. Other strategies than the rolling one have their own phases after that.
 */
function isHealthy(service: Service, own: Deployment): boolean {
  const strategy = service.deploymentConfiguration?.strategy || "ROLLING";
  return (
    strategy === "ROLLING" &&
    service.desiredCount > 0 &&
    own.runningCount >= service.desiredCount &&
    own.pendingCount === 0 &&
    service.deployments.every(({ id, desiredCount }) => id === own.id || desiredCount === 0)
  );
}

/** As the waiter `services-stable` of the AWS CLI sees it: for services without a rolloutState. */
function isStable(service: Service, own: Deployment): boolean {
  return service.deployments.length === 1 && own.runningCount === service.desiredCount;
}

function describeTasks(service: Service, { runningCount, pendingCount, failedTasks }: Deployment): string {
  const old = service.deployments
    .filter(({ status }) => status !== "PRIMARY")
    .reduce((sum, each) => sum + each.runningCount, 0);
  return [
    `${runningCount} of ${service.desiredCount} new tasks run`,
    pendingCount > 0 && `${pendingCount} starting`,
    failedTasks > 0 && `${failedTasks} failed`,
    old > 0 && `${old} old still there`,
  ]
    .filter(Boolean)
    .join(", ");
}
