import { homedir } from "node:os";
import { join } from "node:path";

/** Where scripts/services keeps the foreign programs that tests run. */
export const cacheFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "circleback");
