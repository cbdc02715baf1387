import { Unfit } from "../../orb/parameter.ts";

/** Slack fetches it itself, and takes nothing else than these (Block Kit reference, image element). */
export function parsePicture(text: string): string {
  if (text === "" || (/^https?:\/\/\S+$/.test(text) && text.length <= 3000)) return text;
  throw new Unfit(`is no address of a picture: "${text}"`, {
    hints: ["Give an address that begins with https:// and that Slack can reach."],
  });
}
