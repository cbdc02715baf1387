/** What the compiler makes of a configuration: no orbs, parameters, matrices or conditions are left in it. */

export type RequiredStatus = "success" | "failed" | "canceled" | "unauthorized" | "not_run";

export interface CompiledConfig {
  /** `setup: true`: the only workflow is the setup workflow, and it may continue the pipeline once. */
  readonly setup: boolean;
  /** By the name that workflow jobs refer to. */
  readonly jobs: Readonly<Record<string, CompiledJob>>;
  /** Only the workflows whose `when`/`unless` held, with only the jobs whose filters let this branch or tag through. */
  readonly workflows: readonly CompiledWorkflow[];
  /** The compiled document as text, as `circleci config process` prints it. */
  readonly yaml: string;
}

export interface CompiledWorkflow {
  readonly name: string;
  readonly maxAutoReruns: number;
  readonly jobs: readonly CompiledWorkflowJob[];
}

export interface CompiledWorkflowJob {
  /** Unique in the workflow. */
  readonly name: string;
  readonly type: "build" | "approval" | "no-op";
  /** Key into `CompiledConfig.jobs`; null for approval and no-op jobs. */
  readonly job: string | null;
  readonly requires: readonly { readonly job: string; readonly statuses: readonly RequiredStatus[] }[];
  readonly contexts: readonly string[];
  readonly serialGroup: string | null;
}

export interface CompiledJob {
  readonly executor: "docker" | "machine" | "macos";
  /** The first image of a docker executor, the machine image, or the Xcode version. */
  readonly image: string | null;
  readonly resourceClass: string | null;
  readonly shell: string | null;
  readonly workingDirectory: string | null;
  readonly parallelism: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly steps: readonly CompiledStep[];
}

export type StepCondition = "on_success" | "on_fail" | "always";

export type CompiledStep =
  | RunStep
  | { readonly kind: "checkout"; readonly path: string | null }
  | { readonly kind: "persist_to_workspace"; readonly root: string; readonly paths: readonly string[] }
  | { readonly kind: "attach_workspace"; readonly at: string }
  | { readonly kind: "store_artifacts"; readonly path: string; readonly destination: string | null }
  | { readonly kind: "store_test_results"; readonly path: string }
  | {
      readonly kind: "save_cache";
      readonly key: string;
      readonly paths: readonly string[];
      readonly when: StepCondition;
    }
  | { readonly kind: "restore_cache"; readonly keys: readonly string[] }
  | { readonly kind: "setup_remote_docker" }
  | { readonly kind: "add_ssh_keys"; readonly fingerprints: readonly string[] };

export interface RunStep {
  readonly kind: "run";
  readonly name: string;
  readonly command: string;
  /** Null: the job's shell. */
  readonly shell: string | null;
  readonly environment: Readonly<Record<string, string>>;
  readonly background: boolean;
  readonly workingDirectory: string | null;
  /** Milliseconds without output after which the step is ended. */
  readonly noOutputTimeout: number;
  readonly when: StepCondition;
  /** How often the step is run again by itself when it fails (0 to 5), and the wait in milliseconds before each. */
  readonly maxAutoReruns: number;
  readonly autoRerunDelay: number;
}

/** One problem, worded like CircleCI's, with the path to the place: `jobs.build.steps.0: …`. */
export interface CompileError {
  readonly path: string;
  readonly message: string;
}

export type ParameterValue = string | number | boolean;

export interface CompileInput {
  readonly source: string;
  /** Orb sources by the registry reference in `orbs:` (matched as text); inline orbs need none. */
  readonly orbs: ReadonlyMap<string, string>;
  /** Pipeline parameters given by the trigger. */
  readonly parameters: Readonly<Record<string, ParameterValue>>;
  /** Pipeline values without the leading `pipeline.`: `id`, `number`, `git.branch`, `project.slug` … An absent one is empty. */
  readonly values: Readonly<Record<string, ParameterValue>>;
}

export type CompileResult =
  | {
      readonly ok: true;
      readonly config: CompiledConfig;
      readonly parameters: Readonly<Record<string, ParameterValue>>;
    }
  | { readonly ok: false; readonly errors: readonly CompileError[] };
