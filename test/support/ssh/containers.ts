import type { DockerEngine } from "../docker-engine.ts";

/**
 * Every container that Compose has made, for this project or for any, running or not: `web sha256:… running`, sorted.
 * The id is its image's.
 */
export async function composedContainers(
  engine: DockerEngine,
  project: string | null = null,
): Promise<readonly string[]> {
  const filter = `label=com.docker.compose.project${project === null ? "" : `=${project}`}`;
  const ids = await engine.docker(["ps", "--all", "--quiet", "--filter", filter]);
  if (ids.trim() === "") return [];
  const format = '{{index .Config.Labels "com.docker.compose.service"}} {{.Image}} {{.State.Status}}';
  const lines = await engine.docker(["inspect", "--format", format, ...ids.trim().split("\n")]);
  return lines.trim().split("\n").sort();
}
