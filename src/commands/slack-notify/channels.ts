import type { Environment } from "../../host/host.ts";
import { fillVariables } from "../../orb/fill-variables.ts";
import { Unfit } from "../../orb/parameter.ts";

/** Names or ids of channels, each once. Throws `Unfit`. */
export function parseChannels(text: string, env: Environment): readonly string[] {
  const given = fillVariables(text, env) || env.SLACK_DEFAULT_CHANNEL || "";
  const channels = given
    .split(/[,\n]/)
    .map((channel) => channel.trim())
    .filter(Boolean);
  for (const channel of channels) {
    if (/^[#@]?[\p{L}\p{N}_.-]{1,80}$/u.test(channel)) continue;
    throw new Unfit(`names no channel: "${channel}"`, {
      hints: ["Write names like #ci or ids like C012AB3CD, with commas between them."],
    });
  }
  return [...new Set(channels)];
}
