import { Unfit } from "../orb/parameter.ts";

/** Bytes of one output, and of all outputs of one child together. */
export const outputLimit = 1_000_000;

/** Where check-status puts what it has fetched, relative to the working directory. */
export const outputsFolder = ".circleback/outputs";

/** Relative to the working directory of the job that sets it. */
export function outputPath(key: string): string {
  return `.circleback/outputs-set/${key}.json`;
}

/** Where an output lies among the artifacts of the job that sets it. */
export function outputArtifact(key: string): string {
  return `circleback/outputs/${key}.json`;
}

/** The variable in which the later steps of the job with check-status find an output. */
export function outputVariable(receipt: string, key: string): string {
  return `CIRCLEBACK_${receipt}_${key}`.toUpperCase().replace(/[^A-Z0-9_]/g, "_");
}

/** A key becomes a file name, and a part of a variable's name. */
export function parseOutputKey(text: string): string {
  if (/^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(text)) return text;
  throw new Unfit(`is no key for an output: "${text}"`, {
    hints: ["Use up to 64 letters, digits, dashes and underscores, a letter first."],
  });
}
