/** What becomes of the tasks of an image. */
export type Behaviour = "well" | "crashes" | "cannot-be-pulled" | "never-ready";

export interface ServiceSettings {
  readonly desiredCount?: number;
  readonly breaker?: { readonly enable: boolean; readonly rollback: boolean };
  /** Milliseconds that a failed deployment is still PRIMARY before the one that goes back is. */
  readonly hesitation?: number;
  readonly controller?: string;
  readonly launchType?: string;
  /** Milliseconds until tasks run, and how long old ones then drain. */
  readonly start?: number;
  readonly drain?: number;
  /** ECS does not tell rollout states of services behind a Classic Load Balancer. */
  readonly isClassic?: boolean;
  readonly more?: Readonly<Record<string, unknown>>;
}

export interface ModelTask {
  readonly taskArn: string;
  readonly startedBy: string;
  readonly definition: string;
  readonly stoppedReason: string;
  readonly stopCode: string;
  readonly exitCode: number | null;
  readonly reason: string | null;
  readonly stopsAt: number;
}

interface Rollout {
  readonly id: string;
  readonly definition: string;
  readonly behaviour: Behaviour;
  since: number;
  state: "IN_PROGRESS" | "COMPLETED" | "FAILED";
  reason: string;
  failed: number;
}

export interface ModelService {
  readonly name: string;
  readonly settings: Required<Pick<ServiceSettings, "desiredCount" | "start" | "drain">> & ServiceSettings;
  /** The newest first; that one is PRIMARY. */
  rollouts: Rollout[];
  readonly events: { readonly id: string; readonly createdAt: number; readonly message: string }[];
}

export interface SchedulerOptions {
  readonly now: () => number;
  readonly behaves: (image: string) => Behaviour;
  readonly arn: (kind: string, name: string) => string;
  readonly cluster: string;
}

/** ECS counts between 3 and 200 failed tasks, half the desired count (developer guide, circuit breaker). */
const leastThreshold = 3;

/** How often a task that fails is started, in milliseconds. */
const retry = 4_000;

/** Deployments of services over time: whenever somebody looks, everything that was due has happened. */
export function createScheduler({ now, behaves, arn, cluster }: SchedulerOptions) {
  const services = new Map<string, ModelService>();
  const tasks = new Map<string, ModelTask>();
  let count = 0;
  const next = () => String(++count).padStart(6, "0");

  const say = (service: ModelService, message: string, at = now()) =>
    service.events.unshift({ id: `event-${next()}`, createdAt: at / 1000, message });

  function begin(service: ModelService, definition: string, image: string): void {
    const id = `ecs-svc/${next()}`;
    const reason = `ECS deployment ${id} in progress.`;
    const behaviour = behaves(image);
    service.rollouts.unshift({
      id,
      definition,
      behaviour,
      since: now(),
      state: "IN_PROGRESS",
      reason,
      failed: 0,
    });
  }

  function complete(service: ModelService, rollout: Rollout, at: number): void {
    rollout.state = "COMPLETED";
    rollout.reason = `ECS deployment ${rollout.id} completed.`;
    service.rollouts = service.rollouts.filter((each) => each === rollout);
    say(service, `(service ${service.name}) (deployment ${rollout.id}) deployment completed.`, at);
    say(service, `(service ${service.name}) has reached a steady state.`, at);
  }

  function failTask(service: ModelService, rollout: Rollout, at: number): void {
    rollout.failed++;
    const taskArn = arn("task", `${cluster}/${next()}`);
    const isPull = rollout.behaviour === "cannot-be-pulled";
    const words =
      "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref";
    tasks.set(taskArn, {
      taskArn,
      startedBy: rollout.id,
      definition: rollout.definition,
      stoppedReason: isPull ? words : "Essential container in task exited",
      stopCode: isPull ? "TaskFailedToStart" : "EssentialContainerExited",
      exitCode: isPull ? null : 1,
      reason: isPull ? words : null,
      stopsAt: at,
    });
    say(service, `(service ${service.name}) (task ${taskArn.split("/").at(-1)}) failed to start.`, at);
  }

  function advance(service: ModelService): void {
    const [primary] = service.rollouts;
    if (primary?.state === "FAILED") goBack(service);
    if (primary?.state !== "IN_PROGRESS") return;
    const { start, drain, breaker, desiredCount } = service.settings;
    const age = now() - primary.since;
    if (primary.behaviour === "well") {
      if (age >= start + drain) complete(service, primary, primary.since + start + drain);
      return;
    }
    if (primary.behaviour === "never-ready") return;
    const threshold = Math.max(leastThreshold, Math.ceil(desiredCount / 2));
    const most = breaker?.enable === true ? threshold : Number.POSITIVE_INFINITY;
    while (primary.failed < most && age >= (primary.failed + 1) * retry) {
      failTask(service, primary, primary.since + (primary.failed + 1) * retry);
    }
    if (primary.failed < most) return;
    const at = primary.since + primary.failed * retry;
    primary.state = "FAILED";
    primary.reason = "ECS deployment circuit breaker: tasks failed to start.";
    say(
      service,
      `(service ${service.name}) (deployment ${primary.id}) deployment failed: tasks failed to start.`,
      at,
    );
    goBack(service);
  }

  function goBack(service: ModelService): void {
    const [primary, ...older] = service.rollouts;
    const { breaker, hesitation = 0 } = service.settings;
    const last = older.find((each) => each.state === "COMPLETED");
    if (breaker?.rollback !== true || primary === undefined || last === undefined) return;
    const at = primary.since + primary.failed * retry + hesitation;
    if (now() < at) return;
    service.rollouts = [last, primary, ...older.filter((each) => each !== last)];
    last.state = "IN_PROGRESS";
    last.since = at;
    last.reason = `ECS deployment circuit breaker: rolling back to deploymentId ${last.id}.`;
    say(service, `(service ${service.name}) rolling back to deployment ${last.id}.`, at);
  }

  return {
    services,
    tasks,
    next,
    advance,
    begin,
    arn,
    /** A service whose one deployment has been through for long. */
    addService(name: string, given: ServiceSettings, definition: string): void {
      const settings = { desiredCount: 2, start: 6_000, drain: 30_000, ...given };
      const service: ModelService = { name, settings, rollouts: [], events: [] };
      service.rollouts.push({
        id: `ecs-svc/${next()}`,
        definition,
        behaviour: "well",
        since: 0,
        state: "COMPLETED",
        reason: "",
        failed: 0,
      });
      say(service, `(service ${name}) has reached a steady state.`);
      services.set(name, service);
    },
  };
}

export type Scheduler = ReturnType<typeof createScheduler>;
