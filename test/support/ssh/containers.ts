import type { DockerEngine } from "../docker-engine.ts";

/** Every container that Compose has made, running or not: `web sha256:… running`, sorted. The id is its image's. */
export async function composedContainers(engine: DockerEngine): Promise<readonly string[]> {
  const ids = await engine.docker(["ps", "--all", "--quiet", "--filter", "label=com.docker.compose.project"]);
  if (ids.trim() === "") return [];
  const format = '{{index .Config.Labels "com.docker.compose.service"}} {{.Image}} {{.State.Status}}';
  const lines = await engine.docker(["inspect", "--format", format, ...ids.trim().split("\n")]);
  return lines.trim().split("\n").sort();
}
