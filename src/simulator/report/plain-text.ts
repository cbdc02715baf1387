// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what this is about
const escapeSequence = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-~])/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: and so are control characters
const controlCharacter = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** A step's output as a terminal would show it at the end: no colours, and of each line only what was written last. */
export function readOutput(output: string): string {
  return output
    .replace(escapeSequence, "")
    .replace(/\r+\n/g, "\n")
    .split("\n")
    .map((line) => line.slice(line.replace(/\r+$/, "").lastIndexOf("\r") + 1))
    .join("\n")
    .replace(controlCharacter, "");
}

/** A name on one line, with nothing in it that a terminal would obey. */
export function readName(name: string): string {
  return name
    .replace(escapeSequence, "")
    .replace(/[\t\n\v\f\r]+/g, " ")
    .replace(controlCharacter, "");
}
