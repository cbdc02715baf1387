import { readdirSync, statSync } from "node:fs";
import { basename } from "node:path";

/** By command, the bytes of its program, which every use of it in a configuration repeats. As they were last built. */
export function measureBytes(): readonly (readonly [string, number])[] {
  const folder = new URL("../../orb/scripts/", import.meta.url);
  const programs = readdirSync(folder).filter((name) => name.endsWith(".cjs"));
  return programs.map((name) => [basename(name, ".cjs"), statSync(new URL(name, folder)).size]);
}
