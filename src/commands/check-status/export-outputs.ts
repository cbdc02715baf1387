import { UserError } from "../../errors.ts";
import { exportLine } from "../../orb/export-line.ts";

export interface Output {
  readonly key: string;
  /** A JSON document, as it was written. */
  readonly json: string;
}

export interface Exports {
  /** Of a shell script. */
  readonly lines: string;
  readonly variables: readonly string[];
  /** Keys of those that no variable can hold. */
  readonly left: readonly string[];
}

/** Linux starts no program with more than 131,071 bytes in one variable, or with some 2 MB in all of them. */
const most = 100_000;

/** Variables by which the orb itself is told things: what a child sets must never become one of them. */
const reserved = /^CIRCLEBACK_(PARAM_.*|PROGRAM|INSTALL_NODE_SCRIPT|NODE_MIRROR|SIGNING_SECRET)$/;

/**
 * The lines that export outputs to the later steps of a job. A document that is one text gives its text, any
 * other is given as it is written. Throws `output.invalid` for names that clash.
 */
export function exportOutputs(receipt: string, outputs: readonly Output[]): Exports {
  const owners = new Map<string, string>();
  const left: string[] = [];
  let lines = "";
  for (const { key, json } of outputs) {
    const variable = variableName(receipt, key);
    refuseClash(variable, key, owners.get(variable));
    const line = exportLine(variable, readText(json));
    if (line === null || Buffer.byteLength(lines + line) > most) {
      left.push(key);
      continue;
    }
    owners.set(variable, key);
    lines += line;
  }
  return { lines, variables: [...owners.keys()], left };
}

function variableName(receipt: string, key: string): string {
  return `CIRCLEBACK_${receipt}_${key}`.toUpperCase().replace(/[^A-Z0-9_]/g, "_");
}

function readText(json: string): string {
  const value: unknown = JSON.parse(json);
  return typeof value === "string" ? value : json;
}

function refuseClash(variable: string, key: string, other: string | undefined): void {
  if (other !== undefined) {
    throw new UserError(
      "output.invalid",
      `The outputs \`${other}\` and \`${key}\` would both become ${variable}.`,
      {
        hints: [
          "Give one of them another key: letters count without their case, and a dash as an underscore.",
        ],
      },
    );
  }
  if (!reserved.test(variable)) return;
  throw new UserError(
    "output.invalid",
    `The output \`${key}\` would become ${variable}, which is circleback's own.`,
    {
      hints: ["Give the `receipt` of trigger-and-wait another name, or the output another key."],
    },
  );
}
