import { stringify } from "yaml";
import { type Arguments, callbackArguments, checkArguments, triggerArguments } from "../arguments.ts";
import {
  type Call,
  type Callback,
  checkJob,
  holdJob,
  listChecks,
  type ProjectPlan,
  triggerJob,
  type Work,
  type WorkflowPlan,
} from "../world.ts";

const image = { docker: [{ image: "cimg/base:stable" }] };
const ticket = "<< pipeline.parameters.circleback >>";
const text = { type: "string", default: "" };

/** A project's `.circleci/config.yml` that says what the plan says. */
export function writeConfig(plan: ProjectPlan): string {
  const works = plan.workflows.flatMap((workflow) =>
    workflow.works.map((work) => [jobOf(workflow, work.name), writeWork(work)] as const),
  );
  return stringify(
    {
      version: 2.1,
      orbs: { circleback: "acme/circleback@1" },
      parameters: { circleback: text, "from-job": text },
      jobs: Object.fromEntries([...works, ...(plan.broken ? [["without-steps", image] as const] : [])]),
      workflows: Object.fromEntries(
        plan.workflows.map((workflow) => [workflow.name, writeWorkflow(workflow)]),
      ),
    },
    { lineWidth: 110, aliasDuplicateObjects: false },
  );
}

/** The configuration of the project that sweeps all others. */
export function writeSweepConfig(projects: readonly string[]): string {
  const sweep = {
    "circleback/sweep": { name: "sweep", projects: projects.join(","), context: ["circleback"] },
  };
  return stringify({
    version: 2.1,
    orbs: { circleback: "acme/circleback@1" },
    workflows: { sweep: { jobs: [sweep] } },
  });
}

type Entry = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

function writeWorkflow(plan: WorkflowPlan) {
  const { callback } = plan;
  const jobs: Entry[] = [
    ...plan.works.map((work) => enterWork(plan, work)),
    ...plan.gates.map(({ name, after }) => ({ [name]: { type: "approval", ...requires(after) } })),
    ...plan.calls.flatMap(enterCall),
    ...listChecks(plan).map((group) => ({
      "circleback/check-status": {
        name: checkJob(group[0]),
        ...given(checkArguments(group)),
        context: ["circleback"],
        ...requires(group.map(holdJob)),
      },
    })),
  ];
  if (callback !== null && callback.in === null) jobs.push(enterCallback(callback, jobs));
  return { ...(plan.maxAutoReruns > 0 && { max_auto_reruns: plan.maxAutoReruns }), jobs };
}

/** As the service repeats the job, it ends otherwise: a cache tells how often it has run. */
function writeWork({ name, takes, ends }: Work) {
  const sleep = `sleep ${takes / 1000}`;
  if (ends.length === 1) {
    const command = ends[0] === "success" ? sleep : `${sleep}\nexit 1`;
    return { ...image, steps: [{ run: { name: "Work", command } }] };
  }
  const key = `${name}-{{ .Environment.CIRCLE_PIPELINE_ID }}-`;
  const count = "runs=$(($(cat runs || echo 0) + 1))\necho $runs > runs";
  const codes = ends.map((end) => (end === "success" ? 0 : 1));
  const end = `set -- ${codes.join(" ")}\nruns=$(cat runs)\n[ "$runs" -le $# ] || runs=$#\nexit "\${!runs}"`;
  return {
    ...image,
    steps: [
      { restore_cache: { keys: [key] } },
      { run: { name: "Work", command: `${count}\n${sleep}` } },
      { save_cache: { key: `${key}{{ .BuildNum }}`, paths: ["runs"] } },
      { run: { name: "End as planned", command: end } },
    ],
  };
}

function enterWork({ name: workflow, callback }: WorkflowPlan, { name, after, restricted }: Work): Entry {
  const isLast = callback?.in === name;
  const context = [...(restricted ? ["vault"] : []), ...(isLast ? ["circleback"] : [])];
  const step = isLast && {
    "circleback/approve-in-parent": { ...given(callbackArguments(callback)), ticket },
  };
  return {
    [jobOf({ name: workflow }, name)]: {
      name,
      ...requires(after),
      ...(context.length > 0 && { context }),
      ...(step && { "post-steps": [step] }),
    },
  };
}

function enterCall(call: Call): readonly Entry[] {
  const trigger = {
    "circleback/trigger-and-wait": {
      name: triggerJob(call),
      ...given(triggerArguments(call)),
      ticket,
      context: ["circleback"],
      ...requires(call.after),
    },
  };
  if (call.wait !== "hold") return [trigger];
  return [trigger, { [holdJob(call)]: { type: "approval", ...requires([triggerJob(call)]) } }];
}

function enterCallback(callback: Callback, others: readonly Entry[]): Entry {
  const names = others.flatMap((entry) =>
    Object.entries(entry).map(([key, { name }]) => (typeof name === "string" ? name : key)),
  );
  return {
    "circleback/approve-in-parent": {
      name: callback.name,
      ...given(callbackArguments(callback)),
      ticket,
      filters: 'pipeline.parameters.circleback != ""',
      context: ["circleback"],
      requires: names.map((name) => ({ [name]: callback.requires })),
    },
  };
}

/** Booleans and numbers as their parameters want them; what is empty is left to its default. */
function given(values: Arguments): Readonly<Record<string, unknown>> {
  const entries = Object.entries(values).filter(
    ([name, value]) => value !== "" || name === "ticket-parameter",
  );
  return Object.fromEntries(
    entries.map(([name, value]) => [name, /^(true|false|\d+)$/.test(value) ? JSON.parse(value) : value]),
  );
}

function requires(names: readonly string[]): { readonly requires?: readonly string[] } {
  return names.length > 0 ? { requires: names } : {};
}

function jobOf({ name: workflow }: { readonly name: string }, work: string): string {
  return `${workflow}-${work}`;
}
