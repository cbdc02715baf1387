import { findBody, putImageBody, repositoryBody } from "../../aws/ecr-bodies.ts";
import { mintArgv, tokenVariable } from "../../aws/mint-token.ts";
import { endpointOf } from "../../aws/region.ts";
import { assumeRoleFields } from "../../aws/web-identity.ts";
import { commitTimeArgv, givenCommitTime } from "../../delivery/commit-time.ts";
import { engineCalls } from "../../docker/engine.ts";
import { loginCall } from "../../docker/login.ts";
import { showArgv } from "../../docker/show-argv.ts";
import type { Host } from "../../host/host.ts";
import type { PushInput } from "./definition.ts";
import { type Builder, buildCall, buildKitFeatures, isDirect, pushCall } from "./docker.ts";
import type { PushPlan } from "./plan.ts";

/** Prints what a run would call, in its order. What only an answer tells stands in capitals. */
export function showDryRun({ log, env }: Host, input: PushInput, plan: PushPlan): void {
  const registry = plan.registry ?? "REGISTRY";
  const { repository, build, movingTags } = plan;
  const [version = "", ...others] = plan.tags.map(({ tag }) => tag);
  const to = { image: `${registry}/${repository.name}`, tag: version };
  let depth = "  ";
  const say = (text: string) => log.info(`${depth}${text}`);
  const call = (operation: string, body: unknown) => say(`${operation} ${JSON.stringify(body)}`);
  const run = (argv: readonly string[]) => say(`$ ${showArgv(argv)}`);
  const docker = (args: readonly string[]) => run(["docker", ...args]);
  const where = (condition: string, show: () => void) => {
    say(`${condition}:`);
    depth += "  ";
    show();
    depth = depth.slice(2);
  };
  const find = () => call("ECR BatchGetImage", findBody(repository, [version, ...others]));
  const commitTime = givenCommitTime(env) ?? { epoch: "SECONDS", date: "TIME" };
  const buildWith = (builder: Builder) => {
    const { args, env: variables = {} } = buildCall({ ...build, commitTime }, builder, to, "FOLDER");
    run([...Object.entries(variables).map(([name, value]) => `${name}=${value}`), "docker", ...args]);
  };

  log.info("Dry run: of what follows, nothing is called and nothing is started.");
  if (input.roleArn !== "") {
    if (input.oidcToken.value === null && input.oidcToken.variable === tokenVariable) run(mintArgv(env));
    say(`STS is at ${endpointOf("sts", repository.region, env)}`);
    call("STS AssumeRoleWithWebIdentity", assumeRoleFields(input.roleArn, "TOKEN", env));
  }
  say(`ECR is at ${endpointOf("ecr", repository.region, env)}`);
  call("ECR GetAuthorizationToken", {});
  find();
  const buildAndPush = () => {
    say("docker with DOCKER_CONFIG=FOLDER, a private folder that is removed after it:");
    docker(loginCall(registry, "AWS").args);
    const [lookForBuildx, lookForEngine] = engineCalls;
    docker(lookForBuildx.args);
    where("where that fails", () => docker(lookForEngine.args));
    if (givenCommitTime(env) === null) run(commitTimeArgv(env));
    if (input.createRepository) {
      where("where there is no such repository", () =>
        call("ECR CreateRepository", repositoryBody(repository, movingTags)),
      );
    }
    buildWith("buildx");
    if (!isDirect(build)) {
      where("or, without buildx", () =>
        buildWith(buildKitFeatures(build).length > 0 ? "buildkit" : "classic"),
      );
      where(`unless \`${version}\` is that image already`, () => docker(pushCall(to).args));
    }
    docker(["logout", registry]);
    find();
  };
  if (input.skipBuild) where(`where \`${version}\` is absent`, buildAndPush);
  else buildAndPush();
  for (const tag of others) {
    const image = { digest: "DIGEST", manifest: "MANIFEST", mediaType: "TYPE" };
    where(`unless \`${tag}\` is that image already`, () =>
      call("ECR PutImage", putImageBody(repository, image, tag)),
    );
  }
}
