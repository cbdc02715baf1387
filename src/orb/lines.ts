/** The lines of a parameter that is a list, without those that are empty. */
export function readLines(text: string): readonly string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}
