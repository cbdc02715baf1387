import type { Environment, Files } from "../host/host.ts";
import type { Log } from "../host/log.ts";

/**
 * Fills a folder that serves as DOCKER_CONFIG of one step, so that its login neither stays behind nor meets that of
 * another step: all that the user has (plug-ins, contexts, builders, certificates) as links, and a changed config.json.
 */
export async function fillPrivateConfig(
  folder: string,
  registry: string,
  { env, files, log }: { readonly env: Environment; readonly files: Files; readonly log: Log },
): Promise<void> {
  const home = env.DOCKER_CONFIG || (env.HOME && `${env.HOME}/.docker`);
  const names = home ? await files.list(home) : [];
  for (const name of names) {
    if (name !== "config.json") await files.link(`${home}/${name}`, `${folder}/${name}`);
  }
  const text = names.includes("config.json") ? await files.read(`${home}/config.json`) : null;
  const config = parseConfig(text);
  if (config === null) log.warn(`${home}/config.json is no JSON object, and is left out.`);
  await files.write(`${folder}/config.json`, `${JSON.stringify(privateConfig(config ?? {}, registry))}\n`);
}

export type DockerConfig = Readonly<Record<string, unknown>>;

/**
 * The user's configuration with a login of that registry in the file itself: a helper without a name is none, and
 * keeps the user's store, which stays that of all other registries, out of it. The empty entry keeps Docker from
 * looking for a store by itself.
 */
export function privateConfig(config: DockerConfig, registry: string): DockerConfig {
  return {
    ...config,
    auths: { ...asObject(config.auths), [registry]: {} },
    credHelpers: { ...asObject(config.credHelpers), [registry]: "" },
  };
}

function parseConfig(text: string | null): DockerConfig | null {
  try {
    const value: unknown = JSON.parse(text || "{}");
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as DockerConfig) : null;
  } catch {
    return null;
  }
}

function asObject(value: unknown): DockerConfig {
  return typeof value === "object" && value !== null ? (value as DockerConfig) : {};
}
