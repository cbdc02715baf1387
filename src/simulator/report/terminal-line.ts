import { readName } from "./plain-text.ts";
import type { Tone } from "./status-look.ts";

/** One line of text in pieces, so that it can be cut to a width before it is coloured. */
export type Line = readonly Piece[];

export interface Piece {
  readonly text: string;
  readonly style: Tone | "strong" | "quiet" | "plain";
}

export function piece(text: string, style: Piece["style"] = "plain"): Piece {
  return { text: readName(text), style };
}

const colours: Readonly<Record<Piece["style"], string>> = {
  good: "32",
  bad: "31",
  busy: "34",
  asleep: "35",
  stopped: "33",
  idle: "90",
  strong: "1",
  quiet: "2",
  plain: "",
};

/** The line as text, at most `width` columns of it. */
export function writeLine(line: Line, { width, hasColor }: { width: number; hasColor: boolean }): string {
  let left = width;
  let text = "";
  for (const { text: whole, style } of line) {
    const fitting = cutText(whole, left);
    left -= measureText(fitting);
    text +=
      hasColor && style !== "plain" && fitting !== ""
        ? `\u001b[${colours[style]}m${fitting}\u001b[0m`
        : fitting;
    if (fitting !== whole) break;
  }
  return hasColor ? text : text.trimEnd();
}

/** The text with an ellipsis where it does not fit. */
export function cutText(text: string, width: number): string {
  if (measureText(text) <= width) return text;
  let cut = "";
  let left = width - 1;
  for (const character of text) {
    left -= measureText(character);
    if (left < 0) break;
    cut += character;
  }
  return width < 1 ? "" : `${cut}…`;
}

export function padText(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - measureText(text)));
}

const noColumns = /^(?:\p{Mark}|\p{Format})$/u;
const twoColumns =
  /^[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}\p{Emoji_Presentation}]$/u;

/** Columns that a terminal needs for the text: East Asian characters and emoji take two. */
export function measureText(text: string): number {
  let columns = 0;
  for (const character of text) {
    if (noColumns.test(character)) continue;
    columns += twoColumns.test(character) ? 2 : 1;
  }
  return columns;
}
