import * as v from "valibot";
import type { Host } from "../host/host.ts";
import { createAwsCall, Refused } from "./call.ts";
import type { CredentialStore } from "./credentials.ts";
import type { Container } from "./ecs-shapes.ts";

/** Where the container of a task writes its log, as the log driver `awslogs` names it. */
export interface LogStream {
  readonly region: string;
  readonly group: string;
  readonly stream: string;
}

/** Null for a container with another log driver, or of which the stream is not known (AWS's guide to awslogs). */
export function findLogStream(
  { name, logConfiguration }: Container,
  task: { readonly id: string; readonly runtimeId: string },
): LogStream | null {
  if (logConfiguration?.logDriver !== "awslogs") return null;
  const { options = {} } = logConfiguration;
  const { "awslogs-region": region, "awslogs-group": group, "awslogs-stream-prefix": prefix } = options;
  const stream = prefix ? `${prefix}/${name}/${task.id}` : task.runtimeId;
  return region && group && stream ? { region, group, stream } : null;
}

const Events = v.object({
  events: v.optional(v.array(v.object({ message: v.optional(v.string(), "") })), []),
});

/** The last lines of a log; none where there is no such stream, as of a container that never began. */
export async function readLastLines(
  host: Host,
  { region, group, stream }: LogStream,
  credentials: CredentialStore,
  count: number,
): Promise<readonly string[]> {
  const call = createAwsCall(host, { service: "logs", target: "Logs_20140328", region }, credentials);
  const body = { logGroupName: group, logStreamName: stream, limit: count, startFromHead: false };
  try {
    const { events } = await call("GetLogEvents", body, Events, ["ResourceNotFoundException"]);
    return events.flatMap(({ message }) => message.trimEnd().split("\n")).slice(-count);
  } catch (error) {
    if (error instanceof Refused) return [];
    throw error;
  }
}
