import type { Ecs } from "../../aws/ecs.ts";
import type { Service } from "../../aws/ecs-shapes.ts";
import { UserError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { poll } from "../../protocol/poll.ts";
import { judge, type Standing, type Wait } from "./judge.ts";

export interface Awaited {
  readonly id: string;
  readonly wait: Wait;
  /** Milliseconds. */
  readonly timeout: number;
  /** The service right before: its events are no news. */
  readonly before: Service;
  readonly conceal: (text: string) => string;
}

/** How often a whole look may fail, each of several tries, before the deployment is left to itself. */
const mostFailures = 3;

const firstPause = 5_000;
const longestPause = 15_000;

/** How the deployment ended, or how it stands when the time is over; the service's events are told as they come. */
export async function awaitDeployment(
  host: Host,
  ecs: Ecs,
  { id, wait, timeout, before, conceal }: Awaited,
): Promise<Standing> {
  const told = new Set(before.events.map((event) => event.id));
  const deadline = host.clock.now() + timeout;
  let last: Standing = { state: "waiting", words: "" };
  let failures = 0;
  const look = async () => {
    const service = await ecs.findService().catch((error: unknown) => {
      failures++;
      if (!isOutage(error) || failures >= mostFailures) throw error;
      host.log.warn(`${error.message} Looking again.`);
      return null;
    });
    if (service === null) return null;
    failures = 0;
    for (const event of service.events.filter((each) => !told.has(each.id)).reverse()) {
      told.add(event.id);
      host.log.info(`  ${conceal(event.message)}`);
    }
    const now = judge(service, { id, wait, before: before.taskDefinition });
    if (now.state === "waiting" && now.words !== last.words) host.log.info(`${now.words}.`);
    last = now;
    return now.state === "waiting" ? null : now;
  };
  const pauses = { first: firstPause, longest: longestPause, deadline: () => deadline };
  return (
    (await poll(host, { ...pauses, waitingFor: () => `Waiting for ${id}: ${last.words}` }, look)) ?? last
  );
}

function isOutage(error: unknown): error is UserError {
  return error instanceof UserError && error.code === "aws.failed";
}
