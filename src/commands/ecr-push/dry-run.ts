import { findBody, putImageBody, repositoryBody } from "../../aws/ecr-bodies.ts";
import { engineCalls } from "../../docker/engine.ts";
import { loginCall } from "../../docker/login.ts";
import { showArgv } from "../../docker/show-argv.ts";
import type { Host } from "../../host/host.ts";
import type { PushInput } from "./definition.ts";
import { type Builder, buildCall, isDirect, pushCall } from "./docker.ts";
import type { PushPlan } from "./plan.ts";

/** Prints what a run would call, in its order. What only an answer tells stands in capitals. */
export function showDryRun(host: Host, input: PushInput, plan: PushPlan, commitTime: number | null): void {
  const registry = plan.registry ?? "REGISTRY";
  const to = { image: `${registry}/${plan.repository.name}`, tag: plan.tags[0].tag };
  const say = (text: string) => host.log.info(`  ${text}`);
  const call = (operation: string, body: unknown) => say(`${operation} ${JSON.stringify(body)}`);
  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    say(`$ ${showArgv([...variables, "docker", ...args])}`);
  };

  host.log.info("Dry run: what follows is neither called nor started.");
  if (input.roleArn !== "") call("STS AssumeRoleWithWebIdentity", { RoleArn: input.roleArn });
  call("ECR GetAuthorizationToken", {});
  const tags = plan.tags.map(({ tag }) => tag);
  call("ECR BatchGetImage", findBody(plan.repository, tags));
  if (input.createRepository) {
    say("where there is no such repository:");
    call("ECR CreateRepository", repositoryBody(plan.repository, plan.movingTags));
  }
  if (input.skipBuild) say(`where \`${to.tag}\` is absent:`);
  const [lookForBuildx, lookForBuildKit] = engineCalls;
  run(lookForBuildx.args);
  say("where that fails:");
  run(lookForBuildKit.args);
  run(loginCall(registry, "AWS").args);
  const builders: readonly Builder[] = isDirect(plan.build) ? ["buildx"] : ["buildx", "classic"];
  for (const builder of builders) {
    const { args, env } = buildCall({ ...plan.build, commitTime }, builder, to, "FOLDER");
    if (builder !== "buildx") say("or, without buildx:");
    run(args, env);
  }
  if (!isDirect(plan.build)) run(pushCall(to).args);
  run(["logout", registry]);
  call("ECR BatchGetImage", findBody(plan.repository, tags));
  for (const tag of tags.slice(1)) {
    const image = { digest: "DIGEST", manifest: "MANIFEST", mediaType: "TYPE" };
    call("ECR PutImage", putImageBody(plan.repository, image, tag));
  }
}
