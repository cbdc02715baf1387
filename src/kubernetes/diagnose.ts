import { createConcealer } from "../host/conceal-values.ts";
import type { Host } from "../host/host.ts";
import type { Api } from "./api.ts";
import { at, type Json, listAt, parseJson, textAt } from "./json.ts";
import { findPods, isReady } from "./pods.ts";
import { readObject, showTarget, type Target } from "./resources.ts";
import { findVariableValues } from "./variable-values.ts";

/** How much is shown: a broken release mostly breaks all pods in the same way. */
const most = { pods: 3, events: 8, lines: 20 };

/**
 * Prints what the cluster knows of a roll-out that does not get well, without a value of a variable that it has or had
 * in `earlier`: old pods go on. It never throws: the failure has its own words.
 */
export async function diagnose(host: Host, api: Api, target: Target, earlier: Json): Promise<void> {
  try {
    await explain(host, api, target, earlier);
  } catch (error) {
    host.log.warn(`What became of the pods of ${showTarget(target)} cannot be told: ${messageOf(error)}`);
  }
}

async function explain(host: Host, api: Api, target: Target, earlier: Json): Promise<void> {
  const workload = await readObject(api, target);
  if (workload === null) return;
  const conceal = createConcealer(findVariableValues([workload, earlier]));
  const say = (text: string) => host.log.info(conceal(text));
  const pods = await findPods(api, target, workload);
  const failing = pods.filter((pod) => !isReady(pod)).slice(0, most.pods);
  say(
    `${showTarget(target)}: ${pods.length - pods.filter((pod) => !isReady(pod)).length} of ${pods.length} pods are ready.`,
  );
  await sayEvents(api, target, workload, say);
  for (const pod of failing) {
    const name = textAt(pod, "metadata", "name");
    say(`Pod ${name}: ${textAt(pod, "status", "phase") || "Unknown"}`);
    for (const line of describePod(pod)) say(`  ${line}`);
    await sayEvents(api, target, pod, say);
    for (const container of startedContainers(pod)) await sayLog(api, target, name, container, say);
  }
}

/** Why its containers do not run, a line each. */
function describePod(pod: Json): readonly string[] {
  const unscheduled = listAt(pod, "status", "conditions").filter(
    (each) => textAt(each, "status") === "False" && textAt(each, "type") === "PodScheduled",
  );
  const containers = statusesOf(pod).flatMap((each) => {
    const states = [at(each, "state"), at(each, "lastState")].flatMap(describeState);
    return states.length === 0
      ? []
      : [`${textAt(each, "name")} (${textAt(each, "image")}): ${states.join("; before: ")}`];
  });
  return [
    ...unscheduled.map((each) => `${textAt(each, "reason")}: ${textAt(each, "message")}`),
    ...containers,
  ];
}

function describeState(state: Json | undefined): readonly string[] {
  const waiting = at(state, "waiting");
  const ended = at(state, "terminated");
  if (waiting !== undefined) return [joinWords(textAt(waiting, "reason"), textAt(waiting, "message"))];
  if (ended === undefined) return [];
  return [joinWords(`ended with ${String(at(ended, "exitCode"))}`, textAt(ended, "reason"))];
}

function joinWords(one: string, other: string): string {
  return [one, other].filter(Boolean).join(": ");
}

function statusesOf(pod: Json): readonly Json[] {
  return [...listAt(pod, "status", "initContainerStatuses"), ...listAt(pod, "status", "containerStatuses")];
}

interface Started {
  readonly name: string;
  /** It waits to be started again: what it said is in the log of the time before. */
  readonly isBefore: boolean;
}

function startedContainers(pod: Json): readonly Started[] {
  return statusesOf(pod).flatMap((each): readonly Started[] => {
    if (at(each, "ready") === true) return [];
    const name = textAt(each, "name");
    const isBefore = at(each, "lastState", "terminated") !== undefined;
    const isStarted =
      at(each, "state", "running") !== undefined || at(each, "state", "terminated") !== undefined;
    if (at(each, "state", "terminated", "exitCode") === 0) return [];
    if (isStarted) return [{ name, isBefore: false }];
    return isBefore ? [{ name, isBefore: true }] : [];
  });
}

async function sayEvents(api: Api, target: Target, object: Json, say: (text: string) => void): Promise<void> {
  const selector = `involvedObject.uid=${textAt(object, "metadata", "uid")},type=Warning`;
  const path = `/api/v1/namespaces/${target.namespace}/events?fieldSelector=${encodeURIComponent(selector)}&limit=100`;
  const { text } = await api.send({ method: "GET", path });
  const events = [...listAt(parseJson(text), "items")].sort((one, other) =>
    timeOf(one).localeCompare(timeOf(other)),
  );
  const lines = new Set(events.map((each) => `  ${textAt(each, "reason")}: ${textAt(each, "message")}`));
  for (const line of [...lines].slice(-most.events)) say(line);
}

function timeOf(event: Json): string {
  return textAt(event, "lastTimestamp") || textAt(event, "eventTime") || textAt(event, "firstTimestamp");
}

async function sayLog(
  api: Api,
  { namespace }: Target,
  pod: string,
  { name, isBefore }: Started,
  say: (text: string) => void,
): Promise<void> {
  const query = `container=${name}&tailLines=${most.lines}&limitBytes=16384${isBefore ? "&previous=true" : ""}`;
  const path = `/api/v1/namespaces/${namespace}/pods/${pod}/log?${query}`;
  try {
    const { text } = await api.send({ method: "GET", path, tries: 1 });
    say(text.trim() === "" ? `  The log of ${name} is empty.` : `  The last lines of ${name}:`);
    for (const line of text.trimEnd().split("\n").filter(Boolean)) say(`    ${line}`);
  } catch (error) {
    say(`  The log of ${name} cannot be read: ${messageOf(error)}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
