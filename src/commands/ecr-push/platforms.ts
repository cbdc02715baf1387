import { Unfit } from "../../orb/parameter.ts";

/** Platforms as BuildKit writes them, separated by commas or lines. Throws `Unfit`. */
export function parsePlatforms(text: string): readonly string[] {
  const platforms = text.split(/[\s,]+/).filter(Boolean);
  const odd = platforms.find((platform) => !/^[a-z0-9]+\/[a-z0-9]+(\/[a-z0-9.]+)?$/.test(platform));
  if (odd === undefined) return [...new Set(platforms)];
  throw new Unfit(`has something that is no platform: "${odd}"`, {
    hints: ["Write platforms like linux/amd64 or linux/arm/v7."],
  });
}

/** Throws `Unfit`. */
export function parseTarget(text: string): string {
  if (text === "" || /^[A-Za-z0-9][\w.-]*$/.test(text)) return text;
  throw new Unfit(`is no name of a stage: "${text}"`, {
    hints: ["Name the stage as the Dockerfile does, behind AS."],
  });
}
