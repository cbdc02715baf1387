import { parse } from "yaml";
import { type Fields, fieldsOf, isFields, listOf, showValue } from "./fields.ts";
import { stepsWith } from "./fill-in.ts";
import { type Leg, listLegs } from "./matrix.ts";

/**
 * What the doctor reads of a configuration: its text as written, not compiled, for other orbs are not at hand.
 * The legs of a matrix and the steps of its own jobs and commands are filled in; any other `<< … >>` stays as it is.
 */
export interface ConfigFile {
  readonly parameters: Readonly<Record<string, Fields>>;
  readonly workflows: readonly WorkflowUse[];
}

export interface WorkflowUse {
  readonly name: string;
  readonly jobs: readonly JobUse[];
}

/** A job as a workflow uses it, or one leg of a matrix. */
export interface JobUse {
  readonly name: string;
  readonly isApproval: boolean;
  /** Names of jobs, with the endings that will do; null: the usual one, success. */
  readonly requires: ReadonlyMap<string, readonly string[] | null>;
  readonly contexts: readonly string[];
  /** The orb's jobs and commands that it runs, by their names without the orb's. */
  readonly runs: readonly CommandUse[];
}

interface CommandUse {
  readonly command: string;
  readonly parameters: Fields;
}

/** Throws an `Error` where the text is no YAML mapping. */
export function readConfig(text: string): ConfigFile {
  const root: unknown = parse(text, { merge: true });
  if (!isFields(root)) throw new Error("It is no YAML mapping.");
  const workflows = Object.entries(fieldsOf(root.workflows)).filter(([, workflow]) => isFields(workflow));
  return {
    parameters: Object.fromEntries(
      Object.entries(fieldsOf(root.parameters)).map(([name, parameter]) => [name, fieldsOf(parameter)]),
    ),
    workflows: workflows.map(([name, workflow]) => ({ name, jobs: readJobs(fieldsOf(workflow).jobs, root) })),
  };
}

function readJobs(jobs: unknown, root: Fields): readonly JobUse[] {
  const legs = listOf(jobs).flatMap((entry) => {
    const [key = "", use] =
      typeof entry === "string" ? [entry, {}] : (Object.entries(fieldsOf(entry))[0] ?? []);
    return listLegs(key, fieldsOf(use)).map((leg) => ({ ...leg, key }));
  });
  return legs.map((leg) => ({
    name: leg.name,
    isApproval: leg.use.type === "approval",
    requires: new Map(listOf(leg.use.requires).flatMap((entry) => readRequirement(entry, legs))),
    contexts: (typeof leg.use.context === "string" ? [leg.use.context] : listOf(leg.use.context)).map(
      showValue,
    ),
    runs: listRuns(leg.key, leg.use, root),
  }));
}

/** A job, or all legs of a matrix. */
function readRequirement(
  entry: unknown,
  legs: readonly Leg[],
): readonly (readonly [string, readonly string[] | null])[] {
  const [name = "", endings] = isFields(entry)
    ? (Object.entries(entry)[0] ?? [])
    : [showValue(entry), undefined];
  const list = isFields(entry)
    ? (typeof endings === "string" ? [endings] : listOf(endings)).map(showValue)
    : null;
  const meant = legs.filter(({ alias }) => alias === name).map((leg) => leg.name);
  return (meant.length > 0 ? meant : [name]).map((each) => [each, list]);
}

function listRuns(key: string, use: Fields, root: Fields): readonly CommandUse[] {
  const orbs = Object.keys(fieldsOf(root.orbs));
  const steps = [use["pre-steps"], stepsWith(fieldsOf(root.jobs)[key], use), use["post-steps"]];
  const invocations = steps.flatMap(listOf).flatMap((step) => listInvocations(step, fieldsOf(root.commands)));
  return [[key, use] as const, ...invocations].flatMap(([name, parameters]) => {
    const [orb = "", command] = name.split("/");
    return command !== undefined && orbs.includes(orb) ? [{ command, parameters }] : [];
  });
}

/** The commands that a step calls: itself, those inside a `when`, `unless` or `steps`, or those of the configuration's own command. */
function listInvocations(step: unknown, commands: Fields): readonly (readonly [string, Fields])[] {
  if (typeof step === "string") return listOwn(step, {}, commands);
  return Object.entries(fieldsOf(step)).flatMap(([name, value]) => {
    if (name === "steps") return listOf(value).flatMap((inner) => listInvocations(inner, commands));
    if (name === "when" || name === "unless")
      return listOf(fieldsOf(value).steps).flatMap((inner) => listInvocations(inner, commands));
    return listOwn(name, fieldsOf(value), commands);
  });
}

function listOwn(name: string, given: Fields, commands: Fields): readonly (readonly [string, Fields])[] {
  if (!Object.hasOwn(commands, name)) return [[name, given]];
  const { [name]: own, ...others } = commands; // none calls itself: that would have no end
  return listOf(stepsWith(own, given)).flatMap((step) => listInvocations(step, others));
}
