import type { BrokenRule } from "../../orb/define-command.ts";

interface Checked {
  readonly template: string;
  readonly templateFile: string;
}

export function checkNotifyInput({ template, templateFile }: Checked): readonly BrokenRule[] {
  if (template === "" || templateFile === "") return [];
  return [
    {
      sentence: "Both `template` and `template-file` say what the message is.",
      hints: ["Give one of the two."],
    },
  ];
}
