import type { Environment } from "../host/host.ts";
import { fillVariables } from "../orb/fill-variables.ts";

/** A text into which variables of the job may have put secrets. */
export interface FilledText {
  readonly text: string;
  /** With `[secret]` in the place of each variable. */
  readonly shown: string;
  /** What the variables held. */
  readonly secrets: readonly string[];
}

export const noText: FilledText = { text: "", shown: "", secrets: [] };

/** Throws `Unfit`. */
export function fillText(text: string, env: Environment): FilledText {
  const variables = text.match(/\$\{[^}]*\}/g) ?? [];
  return {
    text: fillVariables(text, env),
    shown: variables.reduce((shown, variable) => shown.replace(variable, "[secret]"), text),
    secrets: variables.map((variable) => fillVariables(variable, env)),
  };
}
