import { Unfit } from "../orb/parameter.ts";

/** A receipt's name becomes a file name: letters, digits, dot, dash and underscore, 64 at most. */
export function parseReceiptName(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text)) return text;
  throw new Unfit(`is no name for a receipt: "${text}"`, {
    hints: ["Use up to 64 letters, digits, dots, dashes and underscores, a letter or digit first."],
  });
}
