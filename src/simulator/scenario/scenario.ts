import type { JobStatus, PipelineState, WorkflowStatus } from "../../circleci/status.ts";
import type { ParameterValue } from "../compiler/compiled-config.ts";

/** What a scenario file says, checked and with its defaults filled in. Paths are absolute, durations milliseconds. */
export interface Scenario {
  readonly file: string;
  /** By the registry reference as it stands in `orbs:` of a configuration. */
  readonly orbs: ReadonlyMap<string, string>;
  readonly projects: readonly ScenarioProject[];
  readonly tokens: readonly ScenarioToken[];
  readonly contexts: readonly ScenarioContext[];
  readonly triggers: readonly ScenarioTrigger[];
  readonly faults: readonly Fault[];
  readonly events: readonly ScenarioEvent[];
}

export interface ScenarioProject {
  readonly slug: string;
  /** The folder that holds `.circleci/config.yml`. */
  readonly path: string;
  /** The first is the default branch. */
  readonly branches: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Private key files by fingerprint. */
  readonly sshKeys: Readonly<Record<string, string>>;
}

export interface ScenarioToken {
  readonly token: string;
  readonly login: string;
  /** Slugs of the projects it can see; `*` stands for any text within one segment. */
  readonly projects: readonly string[];
}

export interface ScenarioContext {
  readonly name: string;
  readonly values: Readonly<Record<string, string>>;
  /** Logins whose jobs may use it; null: everybody's. */
  readonly allow: readonly string[] | null;
}

export interface ScenarioTrigger {
  readonly project: string;
  readonly branch: string | null;
  readonly tag: string | null;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  /** Login of whoever triggers. */
  readonly as: string;
}

/** Something that goes wrong on the way between a client and the API. */
export interface Fault {
  readonly method: string;
  /** Without the query; `*` stands for one whole segment. */
  readonly path: string;
  readonly times: number;
  /** Name of the job whose requests it meets; null: everybody's. */
  readonly job: string | null;
  readonly effect: FaultEffect;
  /** As the scenario wrote it, for the report. */
  readonly source: unknown;
}

export interface FaultEffect {
  readonly status: number | null;
  /** Text goes out as it is, anything else as JSON; undefined: the body that belongs to the status. */
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly delay: number;
  /** Cuts the connection instead of answering; `after: accepted` without an answer of its own means that too. */
  readonly drop: boolean;
  /** The request takes effect first; then its answer is lost or replaced. */
  readonly afterAccepted: boolean;
  /** Answers with the state of that many milliseconds ago; 0: the present state. */
  readonly stale: number;
}

export type EventAction =
  | "cancel-workflow"
  | "cancel-job"
  | "approve"
  | "rerun"
  | "rerun-from-failed"
  | "trigger";

/** Something that a person does once a condition holds. */
export interface ScenarioEvent {
  readonly on: EventCondition;
  readonly do: EventAction;
  readonly times: number;
  readonly delay: number;
  readonly with: EventAim;
  /** As the scenario wrote it, for the report. */
  readonly source: unknown;
}

/** Null matches everything. */
export interface EventCondition {
  readonly project: string | null;
  /** The nth pipeline of its project. */
  readonly pipeline: number | null;
  readonly workflow: string | null;
  readonly job: string | null;
  readonly status: PipelineState | WorkflowStatus | JobStatus | null;
}

/** Null: that of the matched object. */
export interface EventAim {
  readonly project: string | null;
  readonly workflow: string | null;
  readonly job: string | null;
  readonly branch: string | null;
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  readonly as: string;
}
