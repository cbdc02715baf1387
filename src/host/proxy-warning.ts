import type { Environment } from "./host.ts";

/**
 * Why a configured proxy will not be used, or null: `fetch` honours NODE_USE_ENV_PROXY, which the step sets, from
 * Node.js 22.21 and 24.0 on (documented in Node's command line reference).
 */
export function explainProxy(env: Environment, nodeVersion: string): string | null {
  const proxy = ["HTTPS_PROXY", "https_proxy"].find((name) => env[name]);
  const [major = 0, minor = 0] = nodeVersion.split(".").map(Number);
  const isHonoured = major >= 24 || (major === 22 && minor >= 21);
  if (proxy === undefined || isHonoured) return null;
  return `${proxy} is set, but Node.js ${nodeVersion} does not send requests through a proxy: use 22.21, 24 or later.`;
}
