import type { Environment, Host } from "../host/host.ts";
import { either, within } from "../host/within.ts";
import { Secret } from "../secret.ts";

/** The variable in which CircleCI hands a job its token; some servers leave it out. */
export const tokenVariable = "CIRCLE_OIDC_TOKEN_V2";

/** For one try, in milliseconds. */
const patience = 30_000;

/** Asks for a token with the audience that CircleCI's tokens have by themselves: the organization. */
export function mintArgv(env: Environment): readonly [string, ...string[]] {
  return ["circleci", "run", "oidc", "get", "--claims", JSON.stringify({ aud: env.CIRCLE_ORGANIZATION_ID })];
}

/** A token from the job's own program, which answers with nothing at times; null where it has none in three tries. */
export async function mintToken(host: Host): Promise<Secret | null> {
  for (const pause of [1_000, 2_000, 0]) {
    const result = await within(host, patience, (over) =>
      host.exec(mintArgv(host.env), { env: host.env, signal: either(over, host.canceled) }),
    );
    const token = result?.stdout.trim() ?? "";
    if (result?.exitCode === 0 && /^[\w-]+(\.[\w-]+){2}$/.test(token)) return new Secret(token);
    host.canceled.throwIfAborted();
    host.log.warn(
      `\`circleci run oidc get\` ${result === null ? "is not there" : `gave no token (exit code ${result.exitCode ?? "none: it took too long"})`}.`,
    );
    if (result === null) return null;
    await host.clock.sleep(pause, host.canceled);
    host.canceled.throwIfAborted();
  }
  return null;
}
