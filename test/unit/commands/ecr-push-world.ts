import { expect } from "vitest";
import { definition } from "../../../src/commands/ecr-push/definition.ts";
import { ecrPush } from "../../../src/commands/ecr-push/handler.ts";
import { runCommand } from "../../../src/run-command.ts";
import { createWorld, image, registry, type World, type WorldOptions } from "./ecr-world.ts";

/** Runs ecr-push in a world in memory; whatever comes of it, no secret is printed and no login stays behind. */
export async function push(
  options: WorldOptions = {},
): Promise<World & { readonly exit: number; readonly error: string }> {
  const parameters = { repository: "api", ...options.parameters };
  const world = createWorld(definition.parameters, { ...options, parameters });
  const exit = await runCommand(definition, ecrPush, world.host);
  const leftovers = [...world.host.written.keys()].filter((path) => path.startsWith("/tmp/private-"));
  expect(leftovers).toEqual([]);
  expect(world.host.lines.join("\n")).not.toMatch(/password-\d|very-secret/);
  const error = world.host.lines.find((line) => line.startsWith("Error: ")) ?? "";
  return { ...world, tags: world.tags, exit, error };
}

export const built = image("new");
export const old = image("old");
export const other = image("other");

/** All that a push calls and starts. */
export const whole = [
  "ECR GetAuthorizationToken",
  "ECR BatchGetImage 0.1.7 develop",
  `docker login --username AWS --password-stdin ${registry}`,
  "docker buildx version",
  "docker buildx build",
  `docker push ${registry}/api:0.1.7`,
  `docker logout ${registry}`,
  "ECR BatchGetImage 0.1.7 develop",
  "ECR PutImage develop",
];
