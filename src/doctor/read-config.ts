import { parse } from "yaml";

/**
 * What the doctor reads of a configuration: its text as written, not compiled, for other orbs are not at hand.
 * What CircleCI would fill in (`<< … >>`) stays as it is.
 */
export interface ConfigFile {
  readonly parameters: Readonly<Record<string, Fields>>;
  readonly workflows: readonly WorkflowUse[];
}

export interface WorkflowUse {
  readonly name: string;
  readonly jobs: readonly JobUse[];
}

/** A job as a workflow uses it. */
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

export type Fields = Readonly<Record<string, unknown>>;

/** Throws an `Error` where the text is no YAML mapping. */
export function readConfig(text: string): ConfigFile {
  const root: unknown = parse(text, { merge: true });
  if (!isFields(root)) throw new Error("It is no YAML mapping.");
  const orbs = Object.keys(fieldsOf(root.orbs));
  const ownJobs = fieldsOf(root.jobs);
  const workflows = Object.entries(fieldsOf(root.workflows)).filter(([, workflow]) => isFields(workflow));
  return {
    parameters: Object.fromEntries(
      Object.entries(fieldsOf(root.parameters)).map(([name, parameter]) => [name, fieldsOf(parameter)]),
    ),
    workflows: workflows.map(([name, workflow]) => ({
      name,
      jobs: listOf(fieldsOf(workflow).jobs).map((entry) => readJob(entry, ownJobs, orbs)),
    })),
  };
}

function readJob(entry: unknown, ownJobs: Fields, orbs: readonly string[]): JobUse {
  const [key = "", value] =
    typeof entry === "string" ? [entry, {}] : (Object.entries(fieldsOf(entry))[0] ?? []);
  const use = fieldsOf(value);
  const steps = [use["pre-steps"], fieldsOf(ownJobs[key]).steps, use["post-steps"]].flatMap(listOf);
  return {
    name: typeof use.name === "string" ? use.name : key,
    isApproval: use.type === "approval",
    requires: new Map(listOf(use.requires).map(readRequirement)),
    contexts: (typeof use.context === "string" ? [use.context] : listOf(use.context)).map(String),
    runs: [[key, use] as const, ...steps.flatMap(listInvocations)].flatMap(([name, parameters]) => {
      const [orb = "", command] = name.split("/");
      return command !== undefined && orbs.includes(orb) ? [{ command, parameters }] : [];
    }),
  };
}

function readRequirement(entry: unknown): readonly [string, readonly string[] | null] {
  if (!isFields(entry)) return [String(entry), null];
  const [name = "", endings] = Object.entries(entry)[0] ?? [];
  return [name, (typeof endings === "string" ? [endings] : listOf(endings)).map(String)];
}

/** The commands that a step calls: itself, or those inside a `when` or `unless`. */
function listInvocations(step: unknown): readonly (readonly [string, Fields])[] {
  if (typeof step === "string") return [[step, {}]];
  return Object.entries(fieldsOf(step)).flatMap(([name, value]) =>
    name === "when" || name === "unless"
      ? listOf(fieldsOf(value).steps).flatMap(listInvocations)
      : [[name, fieldsOf(value)] as const],
  );
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
