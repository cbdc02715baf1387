import type { BrokenRule } from "../../orb/define-command.ts";

interface Checked {
  readonly key: string;
  readonly value: string | null;
  readonly file: string;
}

/** An output is a text or a document, never both and never neither. */
export function checkOutputInput({ key, value, file }: Checked): readonly BrokenRule[] {
  if (value !== null && file !== "") {
    return [
      {
        sentence: `Both \`value\` and \`file\` say what the output \`${key}\` is.`,
        hints: ["Give one of the two."],
      },
    ];
  }
  if (value !== null || file !== "") return [];
  return [
    {
      sentence: `Neither \`value\` nor \`file\` says what the output \`${key}\` is.`,
      hints: ["Give one of the two; what is computed may have come out empty."],
    },
  ];
}
