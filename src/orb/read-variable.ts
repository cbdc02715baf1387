import type { Environment } from "../host/host.ts";

/** What a variable holds that the user has named: `constructor` and its like are in every object, and no variables. */
export function readVariable(env: Environment, name: string): string | undefined {
  return Object.hasOwn(env, name) ? env[name] : undefined;
}
