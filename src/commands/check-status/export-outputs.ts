import { UserError } from "../../errors.ts";
import { exportLine } from "../../orb/export-line.ts";
import { outputVariable } from "../../protocol/outputs.ts";

export interface Output {
  readonly key: string;
  /** A JSON document, as it was written. */
  readonly json: string;
}

/** A variable that is exported, and the output that it holds. */
export interface Variable {
  readonly name: string;
  readonly receipt: string;
  readonly key: string;
}

export interface Exports {
  /** Of a shell script. */
  readonly lines: string;
  readonly variables: readonly Variable[];
  /** Keys of those that no variable can hold. */
  readonly left: readonly string[];
}

/** Linux starts no program with more than 131,071 bytes in one variable, or with some 2 MB in all of them. */
const most = 100_000;

/** Variables by which the orb itself is told things: what a child sets must never become one of them. */
const reserved = /^CIRCLEBACK_(PARAM_.*|PROGRAM|INSTALL_NODE_SCRIPT|NODE_MIRROR|SIGNING_SECRET)$/;

/**
 * The lines that export outputs to the later steps of a job. A document that is one text gives its text, any
 * other is given as it is written. Throws `output.invalid` for names that clash, also with variables that other
 * receipts have got.
 */
export function exportOutputs(
  receipt: string,
  outputs: readonly Output[],
  others: readonly Variable[] = [],
): Exports {
  const variables: Variable[] = [];
  const left: string[] = [];
  let lines = "";
  for (const { key, json } of outputs) {
    const variable = { name: outputVariable(receipt, key), receipt, key };
    refuseClash(variable, [...others, ...variables]);
    const line = exportLine(variable.name, readText(json));
    if (line === null || Buffer.byteLength(lines + line) > most) {
      left.push(key);
      continue;
    }
    variables.push(variable);
    lines += line;
  }
  return { lines, variables, left };
}

function readText(json: string): string {
  const value: unknown = JSON.parse(json);
  return typeof value === "string" ? value : json;
}

function refuseClash({ name, receipt, key }: Variable, others: readonly Variable[]): void {
  const other = others.find((each) => each.name === name);
  if (other !== undefined) {
    const isElsewhere = other.receipt !== receipt;
    const of = (each: string) => (isElsewhere ? ` of the receipt \`${each}\`` : "");
    throw new UserError(
      "output.invalid",
      `The outputs \`${other.key}\`${of(other.receipt)} and \`${key}\`${of(receipt)} would both become ${name}.`,
      {
        hints: [
          isElsewhere
            ? "Give one of the receipts or outputs another name, or check the receipts in jobs of their own."
            : "Give one of them another key: letters count without their case, and a dash as an underscore.",
        ],
      },
    );
  }
  if (!reserved.test(name)) return;
  throw new UserError(
    "output.invalid",
    `The output \`${key}\` would become ${name}, which is circleback's own.`,
    {
      hints: ["Give the `receipt` of trigger-and-wait another name, or the output another key."],
    },
  );
}
