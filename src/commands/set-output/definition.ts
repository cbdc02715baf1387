import type { Environment } from "../../host/host.ts";
import { defineCommand, type Input } from "../../orb/define-command.ts";
import { fillVariables } from "../../orb/fill-variables.ts";
import { installNode } from "../../orb/install-node.ts";
import { string } from "../../orb/parameter.ts";
import { outputArtifact, outputPath, parseOutputKey } from "../../protocol/outputs.ts";
import { checkOutputInput } from "./check-input.ts";

export const definition = defineCommand({
  name: "set-output",
  description:
    "Set an output of this pipeline, which check-status gives to the jobs of the parent. It is kept as an artifact of this job, no place for a secret: what a variable holds whose name has TOKEN, SECRET, PASSWORD or KEY in it is refused, from 8 characters on.",
  title: "Set an output",
  parameters: {
    key: string(
      {
        description:
          "Name of the output: up to 64 letters, digits, dashes and underscores, a letter first. No other job of the pipeline may set it.",
      },
      parseOutputKey,
    ),
    value: string(
      {
        description:
          "The output as text, which stays what it is, but for blanks around it; ${NAME} is filled from the environment.",
        default: "",
      },
      parseValue,
    ),
    file: string({ description: "Instead of a text: a file with a JSON document.", default: "" }),
    "install-node": installNode,
  },
  rules: checkOutputInput,
  after: [
    {
      store_artifacts: {
        path: outputPath("<< parameters.key >>"),
        destination: outputArtifact("<< parameters.key >>"),
      },
    },
  ],
});

export type SetInput = Input<typeof definition>;

/** Null where none is given: a variable that is empty makes an empty text. */
function parseValue(text: string, env: Environment): string | null {
  return text === "" ? null : fillVariables(text, env);
}
