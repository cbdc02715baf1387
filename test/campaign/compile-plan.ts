import type { NativeStep } from "../../src/orb/define-command.ts";
import { variableOf } from "../../src/orb/define-command.ts";
import { partVariable } from "../../src/orb/part.ts";
import type {
  CompiledConfig,
  CompiledJob,
  CompiledStep,
  CompiledWorkflow,
  CompiledWorkflowJob,
  CompileInput,
  CompileResult,
  RequiredStatus,
} from "../../src/simulator/compiler/compiled-config.ts";
import { run } from "../support/run-step.ts";
import { callbackArguments, checkArguments, triggerArguments } from "./arguments.ts";
import { printPlan } from "./print-plan.ts";
import { type CommandName, program } from "./program.ts";
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
} from "./world.ts";

const terminal: readonly RequiredStatus[] = ["success", "failed", "canceled", "unauthorized", "not_run"];

type Requires = readonly { readonly job: string; readonly statuses: readonly RequiredStatus[] }[];

interface Entry {
  readonly workflowJob: CompiledWorkflowJob;
  readonly steps: readonly CompiledStep[];
}

/** What the service's compiler would make of a configuration that says what the plan says. */
export function compilePlan(plan: ProjectPlan, { parameters, source }: CompileInput): CompileResult {
  if (plan.broken) return { ok: false, errors: [{ path: "jobs.build", message: "it has no steps" }] };
  const ticket = String(parameters.circleback ?? "");
  const isSetup = plan.dynamic && source !== continued;
  const config = isSetup
    ? makeSetup()
    : assemble(plan.workflows.map((workflow) => compileWorkflow(workflow, ticket)));
  return { ok: true, config, parameters: { circleback: "", "from-job": "", ...parameters } };
}

/** The configuration of the project that sweeps all others. */
export function compileSweep(projects: readonly string[]): CompileResult {
  const steps = commandSteps("sweep", 0, { projects: projects.join(",") });
  const config = assemble([
    [{ name: "sweep", maxAutoReruns: 0 }, [build("sweep", [], steps, ["circleback"])]],
  ]);
  return { ok: true, config, parameters: {} };
}

/** The text that a setup workflow continues its pipeline with. */
export const continued = "continued";

function makeSetup(): CompiledConfig {
  const config = assemble([[{ name: "setup", maxAutoReruns: 0 }, [build("setup", [], [run("continue")])]]]);
  return { ...config, setup: true };
}

type Compiled = readonly [Omit<CompiledWorkflow, "jobs">, readonly Entry[]];

function assemble(workflows: readonly Compiled[]): CompiledConfig {
  const jobs: Record<string, CompiledJob> = {};
  const compiled = workflows.map(([{ name, maxAutoReruns }, entries]) => ({
    name,
    maxAutoReruns,
    jobs: entries.map(({ workflowJob, steps }) => {
      if (workflowJob.type !== "build") return workflowJob;
      const job = `${name}/${workflowJob.name}`;
      jobs[job] = { ...anyJob, steps };
      return { ...workflowJob, job };
    }),
  }));
  const planned = workflows.flatMap(([, entries]) =>
    entries.flatMap(({ workflowJob: { name, type }, steps }) => (type === "build" ? [{ name, steps }] : [])),
  );
  return { setup: false, jobs, workflows: compiled, yaml: printPlan(planned) };
}

function compileWorkflow(plan: WorkflowPlan, ticket: string): Compiled {
  const callback = ticket === "" ? null : plan.callback;
  const entries = [
    ...plan.works.map((work) => compileWork(work, callback, ticket)),
    ...plan.gates.map(({ name, after }) => approval(name, succeeded(after))),
    ...plan.calls.flatMap((call) => compileCall(call, ticket)),
    ...compileChecks(plan),
  ];
  if (callback !== null && callback.in === null) {
    const statuses = callback.requires === "terminal" ? terminal : (["success"] as const);
    const requires = entries.map(({ workflowJob }) => ({ job: workflowJob.name, statuses }));
    entries.push(build(callback.name, requires, callBack(callback, ticket), ["circleback"]));
  }
  return [plan, entries];
}

function compileWork(
  { name, after, takes, ends, restricted }: Work,
  callback: Callback | null,
  ticket: string,
): Entry {
  const steps = [run(`work ${takes} ${ends.join(",")}`)];
  const isLast = callback?.in === name;
  const contexts = [...(restricted ? ["vault"] : []), ...(isLast ? ["circleback"] : [])];
  return build(name, succeeded(after), isLast ? [...steps, ...callBack(callback, ticket)] : steps, contexts);
}

function compileCall(call: Call, ticket: string): readonly Entry[] {
  const sleeps = call.wait === "hold";
  const given = { ...triggerArguments(call), ticket };
  const steps = commandSteps("trigger-and-wait", call.stepReruns, given);
  const trigger = build(triggerJob(call), succeeded(call.after), steps, ["circleback"]);
  return sleeps ? [trigger, approval(holdJob(call), succeeded([triggerJob(call)]))] : [trigger];
}

function compileChecks(plan: WorkflowPlan): readonly Entry[] {
  return listChecks(plan).map((group) => {
    const steps = commandSteps("check-status", 0, checkArguments(group));
    return build(checkJob(group[0]), succeeded(group.map(holdJob)), steps, ["circleback"]);
  });
}

function callBack(callback: Callback, ticket: string): readonly CompiledStep[] {
  return commandSteps("approve-in-parent", callback.stepReruns, { ...callbackArguments(callback), ticket });
}

/** The steps that the orb's command of that name stands for. */
function commandSteps(
  name: CommandName,
  maxAutoReruns: number,
  given: Readonly<Record<string, string>>,
): readonly CompiledStep[] {
  const { definition } = program[name];
  const values = Object.entries(definition.parameters).map(
    ([parameter, { default: usual }]) => [parameter, given[parameter] ?? String(usual ?? "")] as const,
  );
  const fill = (text: string) =>
    text.replace(
      /<< parameters\.([\w-]+) >>/g,
      (_, parameter: string) => Object.fromEntries(values)[parameter] ?? "",
    );
  const environment = Object.fromEntries(values.map(([parameter, text]) => [variableOf(parameter), text]));
  const { before = [], pause, after = [], when = "on_success" } = definition;
  const step = (part: Readonly<Record<string, string>>) =>
    run(`circleback ${name}`, { environment: { ...environment, ...part }, maxAutoReruns, when });
  const steps =
    pause === undefined
      ? [step({})]
      : [
          step({ [partVariable]: "first" }),
          ...convert(pause.steps, fill),
          step({ [partVariable]: "second" }),
        ];
  return [...convert(before, fill), ...steps, ...convert(after, fill)];
}

function convert(steps: readonly NativeStep[], fill: (text: string) => string): readonly CompiledStep[] {
  return steps.map((step) => {
    if ("when" in step) throw new Error("a campaign plays no command whose steps hang on a parameter");
    if ("run" in step) return run(step.run.command, { when: step.run.when });
    if ("attach_workspace" in step) return { kind: "attach_workspace", at: step.attach_workspace.at };
    if ("store_artifacts" in step) {
      const { path, destination } = step.store_artifacts;
      return { kind: "store_artifacts", path: fill(path), destination: fill(destination) };
    }
    const { root, paths } = step.persist_to_workspace;
    return { kind: "persist_to_workspace", root, paths: paths.map(fill) };
  });
}

function build(
  name: string,
  requires: Requires,
  steps: readonly CompiledStep[],
  contexts: readonly string[] = [],
): Entry {
  return { workflowJob: { name, type: "build", job: name, requires, contexts, serialGroup: null }, steps };
}

function approval(name: string, requires: Requires): Entry {
  const workflowJob = {
    name,
    type: "approval",
    job: null,
    requires,
    contexts: [],
    serialGroup: null,
  } as const;
  return { workflowJob, steps: [] };
}

function succeeded(names: readonly string[]): Requires {
  return names.map((job) => ({ job, statuses: ["success"] }));
}

const anyJob: Omit<CompiledJob, "steps"> = {
  executor: "docker",
  image: "cimg/base",
  resourceClass: null,
  shell: null,
  workingDirectory: null,
  parallelism: 1,
  environment: {},
};
