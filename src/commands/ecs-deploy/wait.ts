import type { Ecs } from "../../aws/ecs.ts";
import type { Service } from "../../aws/ecs-shapes.ts";
import type { Host } from "../../host/host.ts";
import { poll } from "../../protocol/poll.ts";
import { bearOutages } from "./bear-outages.ts";
import { isRolledBack, judge, type Standing, type Wait } from "./judge.ts";

export interface Awaited {
  readonly id: string;
  readonly wait: Wait;
  /** Milliseconds. */
  readonly timeout: number;
  /** The service right before: its events are no news. */
  readonly before: Service;
  /** Family and revision of what ran before it; empty where nobody knows. */
  readonly earlier: string;
  readonly conceal: (text: string) => string;
}

const firstPause = 5_000;
const longestPause = 15_000;

/** How long after it has failed ECS may take to begin the deployment that goes back, in milliseconds. */
const rollbackPatience = 30_000;

/** How the deployment ended, or how it stands when the time is over; the service's events are told as they come. */
export async function awaitDeployment(
  host: Host,
  ecs: Ecs,
  { id, wait, timeout, before, earlier, conceal }: Awaited,
): Promise<Standing> {
  const told = new Set(before.events.map((event) => event.id));
  const deadline = host.clock.now() + timeout;
  let last: Standing = { state: "waiting", words: "" };
  let failedAt: number | null = null;
  const findService = bearOutages(host, () => ecs.findService());
  const look = async () => {
    const service = await findService();
    if (service === null) return null;
    for (const event of service.events.filter((each) => !told.has(each.id)).reverse()) {
      told.add(event.id);
      host.log.info(`  ${conceal(event.message)}`);
    }
    const now = judge(service, { id, wait, before: earlier });
    if (now.state === "waiting" && now.words !== last.words) host.log.info(`${now.words}.`);
    last = now;
    if (now.state === "failed" && isRolledBack(service)) {
      if (failedAt === null) host.log.info("It has failed: looking whether ECS rolls it back.");
      failedAt ??= host.clock.now();
      if (host.clock.now() - failedAt < rollbackPatience) return null;
    }
    return now.state === "waiting" ? null : now;
  };
  const pauses = { first: firstPause, longest: longestPause, deadline: () => deadline };
  try {
    return (
      (await poll(host, { ...pauses, waitingFor: () => `Waiting for ${id}: ${last.words}` }, look)) ?? last
    );
  } catch (error) {
    // Whatever keeps this job from seeing more: ECS has said that it failed.
    if (failedAt !== null) return last;
    throw error;
  }
}
