/** The lines of a parameter that is a list, without those that are empty. */
export function readLines(text: string): readonly string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}

/** Which line of the text it is, from 1 on: the place of one that must not be shown, as it may be a pasted secret. */
export function lineNumber(text: string, line: string): number {
  return text.split("\n").findIndex((each) => each.trim() === line) + 1;
}
