import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packedOrb } from "./bundle.ts";

const built = join(import.meta.dirname, "../../dist/orb.yml");

/** Puts the orb of this moment into a scenario, in the place of the one in `dist`. */
export async function useFreshOrb(scenario: string): Promise<void> {
  writeFileSync(scenario, readFileSync(scenario, "utf8").replace(built, await packedOrb()));
}
