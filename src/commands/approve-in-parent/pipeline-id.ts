import { Unfit } from "../../orb/parameter.ts";

export function parsePipelineId(text: string): string {
  if (text === "" || /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return text;
  throw new Unfit(`is no pipeline id: "${text}"`, {
    hints: ["A pipeline id is a UUID: << pipeline.id >> of the parent."],
  });
}
