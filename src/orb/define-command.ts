import type { Parameter, ValueOf } from "./parameter.ts";

export type Parameters = Readonly<Record<string, Parameter<unknown>>>;

/** One of CircleCI's own steps around the command's step, written as in a configuration. */
export type NativeStep =
  | {
      readonly run: {
        readonly name: string;
        readonly when: "on_fail" | "always";
        readonly environment?: Readonly<Record<string, string>>;
        readonly command: string;
      };
    }
  | { readonly attach_workspace: { readonly at: string } }
  | { readonly persist_to_workspace: { readonly root: string; readonly paths: readonly string[] } }
  | { readonly store_artifacts: { readonly path: string; readonly destination: string } }
  /** Steps for those only who give the parameter of this name a value. */
  | { readonly when: { readonly condition: string; readonly steps: readonly NativeStep[] } };

/** A step that a job needs before the command, which a step of a user's own job has had before it. */
export type JobStep =
  | "checkout"
  | { readonly attach_workspace: { readonly at: string } }
  | {
      readonly when: {
        /** Name of a parameter of the job. */
        readonly condition: string;
        readonly steps: readonly "setup_remote_docker"[];
      };
    };

/** A command of the orb, and the job of the same name where it makes one, as its users see them: data only. */
export interface CommandDefinition<P extends Parameters = Parameters> {
  readonly name: string;
  readonly description: string;
  /** Absent: a command alone, for steps of the users' own jobs. */
  readonly jobDescription?: string;
  readonly jobParameters?: Readonly<Record<string, Parameter<boolean>>>;
  readonly jobBefore?: readonly JobStep[];
  /** The step's title in the log. */
  readonly title: string;
  readonly when?: "always";
  readonly parameters: P;
  readonly before?: readonly NativeStep[];
  /**
   * Steps in the middle of the command, and the title of the step in which its program then goes on: what they
   * store is safe however that ends.
   */
  readonly pause?: { readonly steps: readonly NativeStep[]; readonly title: string };
  readonly after?: readonly NativeStep[];
  /** Name of a boolean parameter: unless it is true, nothing that goes wrong here fails the job. */
  readonly failsOnlyIf?: string;
  /** What two or more parameters must be to one another: each rule that is broken. */
  readonly rules?: (input: InputOf<P>) => readonly BrokenRule[];
}

export interface BrokenRule {
  readonly sentence: string;
  readonly hints: readonly string[];
}

/** `approval-job` in a configuration is `approvalJob` in a handler. */
type CamelCase<S extends string> = S extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : S;

/** The checked values of a command's parameters. */
export type InputOf<P extends Parameters> = {
  readonly [K in keyof P & string as CamelCase<K>]: ValueOf<P[K]>;
};

export type Input<D> = D extends CommandDefinition<infer P> ? InputOf<P> : never;

export function defineCommand<const P extends Parameters>(
  definition: CommandDefinition<P>,
): CommandDefinition<P> {
  return definition;
}

/** The environment variable by which a parameter reaches the step. */
export function variableOf(parameter: string): string {
  return `CIRCLEBACK_PARAM_${parameter.toUpperCase().replaceAll("-", "_")}`;
}
