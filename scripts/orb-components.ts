import sdk from "@circleci/circleci-config-sdk";
import { stringify } from "yaml";
import {
  type CommandDefinition,
  type JobStep,
  type NativeStep,
  type Parameters,
  variableOf,
} from "../src/orb/define-command.ts";
import { partVariable } from "../src/orb/part.ts";

const { commands, parameters, reusable } = sdk;

/** The orb's files as text, from the definition of a command. */

const header = "# Generated from src/commands by `npm run fix`.\n";

export function renderCommand(definition: CommandDefinition): string {
  const { before = [], pause, after = [] } = definition;
  const program = {
    CIRCLEBACK_INSTALL_NODE_SCRIPT: "<<include(scripts/install-node.sh)>>",
    CIRCLEBACK_PROGRAM: `<<include(scripts/${definition.name}.cjs)>>`,
  };
  const steps =
    pause === undefined
      ? [runStep(definition, definition.title, program)]
      : [
          runStep(definition, definition.title, { [partVariable]: "first", ...program }),
          ...pause.steps.map(nativeStep),
          runStep(definition, pause.title, { [partVariable]: "second" }),
        ];
  const command = new reusable.ReusableCommand(
    definition.name,
    [],
    declareParameters(definition.parameters),
    definition.description,
  );
  const { description, ...rest } = command.generateContents();
  return render({
    description,
    ...rest,
    steps: [...before.map(nativeStep), ...steps, ...after.map(nativeStep)],
  });
}

function runStep(
  { parameters: declared, when }: CommandDefinition,
  title: string,
  more: Readonly<Record<string, string>>,
) {
  const names = Object.keys(declared);
  const run = new commands.Run({
    name: title,
    ...(when && { when }),
    environment: {
      ...Object.fromEntries(names.map((name) => [variableOf(name), `<< parameters.${name} >>`])),
      ...more,
    },
    command: "<<include(scripts/run.sh)>>",
  });
  return run.generate();
}

/** A command that is of use as a job by itself. */
type JobDefinition = CommandDefinition & { readonly jobDescription: string };

export function isJob(definition: CommandDefinition): definition is JobDefinition {
  return definition.jobDescription !== undefined;
}

export function renderJob(definition: JobDefinition): string {
  const names = Object.keys(definition.parameters);
  const declared = declareParameters({ ...definition.jobParameters, ...definition.parameters }).generate();
  return render({
    description: definition.jobDescription,
    parameters: {
      executor: {
        type: "executor",
        default: "default",
        description: "The executor to run on: anything with bash will do.",
      },
      ...declared,
    },
    executor: "<< parameters.executor >>",
    steps: [
      ...(definition.jobBefore ?? []).map(jobStep),
      { [definition.name]: Object.fromEntries(names.map((name) => [name, `<< parameters.${name} >>`])) },
    ],
  });
}

function declareParameters(declared: Parameters) {
  return new parameters.CustomParametersList(
    Object.entries(declared).map(([name, { type, values, default: preset, description }]) =>
      values === undefined
        ? new parameters.CustomParameter(name, type, preset, description)
        : new parameters.CustomEnumParameter(name, [...values], preset, description),
    ),
  );
}

function jobStep(step: JobStep) {
  if (step === "checkout") return step;
  if ("attach_workspace" in step) return nativeStep(step);
  return { when: { condition: `<< parameters.${step.when.condition} >>`, steps: step.when.steps } };
}

function nativeStep(step: NativeStep): unknown {
  if ("when" in step) {
    // A condition on a parameter is nothing that the kit can build.
    const { condition, steps } = step.when;
    return { when: { condition: `<< parameters.${condition} >>`, steps: steps.map(nativeStep) } };
  }
  return kitStep(step).generate();
}

function kitStep(step: Exclude<NativeStep, { when: unknown }>) {
  if ("run" in step) return new commands.Run({ ...step.run });
  if ("attach_workspace" in step) return new commands.workspace.Attach({ at: step.attach_workspace.at });
  if ("persist_to_workspace" in step) {
    const { root, paths } = step.persist_to_workspace;
    return new commands.workspace.Persist({ root, paths: [...paths] });
  }
  return new commands.StoreArtifacts({ ...step.store_artifacts });
}

function render(component: unknown): string {
  return header + stringify(component, { lineWidth: 110 });
}
