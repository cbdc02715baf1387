import { describe, expect, test } from "vitest";
import { showArgv } from "../../../src/docker/show-argv.ts";
import { push } from "./ecr-push-world.ts";
import { registry, type WorldOptions } from "./ecr-world.ts";

describe("a dry run", () => {
  const role = {
    env: { CIRCLE_OIDC_TOKEN_V2: "very-secret-oidc", AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" },
    parameters: { "role-arn": "arn:aws:iam::123456789012:role/ci" },
  };
  const secrets = { env: { NPM_TOKEN: "hush-hush" }, parameters: { secrets: "npm=NPM_TOKEN" } };

  test("calls nothing and starts nothing, needs no credentials, and says all that would be", async () => {
    const { exit, calls, commands, host } = await push({
      env: { AWS_ACCESS_KEY_ID: "" },
      commitTime: 1_700_000_000,
      parameters: { "dry-run": "1", "create-repository": "1", "account-id": "123456789012" },
    });
    const ids =
      '{"registryId":"123456789012","repositoryName":"api","imageIds":[{"imageTag":"0.1.7"},{"imageTag":"develop"}],"acceptedMediaTypes":["application/vnd.docker.distribution.manifest.v2+json","application/vnd.docker.distribution.manifest.list.v2+json","application/vnd.oci.image.manifest.v1+json","application/vnd.oci.image.index.v1+json"]}';
    const filters = ["develop", "preprod", "master", "production"]
      .map((filter) => `{"filterType":"WILDCARD","filter":"${filter}"}`)
      .join(",");
    const build = `build --file ./Dockerfile --tag ${registry}/api:0.1.7 --build-arg API_VERSION=0.1.7 --label org.opencontainers.image.created=TIME --label org.opencontainers.image.revision=0123456789abcdef --label org.opencontainers.image.source=git@github.com:acme/api.git --label org.opencontainers.image.version=0.1.7`;
    expect([exit, calls, commands]).toEqual([0, [], []]);
    expect(host.lines).toEqual([
      `Tags of api in ${registry} (eu-central-1):`,
      "  tag      rule",
      "  0.1.7    0.1.${CIRCLE_BUILD_NUM}",
      "  develop  branch develop",
      "Dry run: of what follows, nothing is called and nothing is started.",
      "  ECR is at https://api.ecr.eu-central-1.amazonaws.com",
      "  ECR GetAuthorizationToken {}",
      `  ECR BatchGetImage ${ids}`,
      "  docker with DOCKER_CONFIG=FOLDER, a private folder that is removed after it:",
      `  $ docker login --username AWS --password-stdin ${registry}`,
      "  $ docker buildx version",
      "  where that fails:",
      "    $ docker version --format '{{json .}}'",
      "  $ git show --no-patch --no-show-signature --format=%ct HEAD",
      "  where there is no such repository:",
      `    ECR CreateRepository {"registryId":"123456789012","repositoryName":"api","imageTagMutability":"IMMUTABLE_WITH_EXCLUSION","imageTagMutabilityExclusionFilters":[${filters}],"imageScanningConfiguration":{"scanOnPush":true}}`,
      `  $ BUILDX_NO_DEFAULT_ATTESTATIONS=1 SOURCE_DATE_EPOCH=SECONDS docker buildx ${build} --load --iidfile FOLDER/circleback-image-id .`,
      "  or, without buildx:",
      `    $ docker ${build} --iidfile FOLDER/circleback-image-id .`,
      "  unless `0.1.7` is that image already:",
      `    $ docker push ${registry}/api:0.1.7`,
      `  $ docker logout ${registry}`,
      `  ECR BatchGetImage ${ids}`,
      "  unless `develop` is that image already:",
      '    ECR PutImage {"registryId":"123456789012","repositoryName":"api","imageManifest":"MANIFEST","imageManifestMediaType":"TYPE","imageTag":"develop","imageDigest":"DIGEST"}',
    ]);
    expect(JSON.parse(host.written.get(".circleback/releases/image.json") ?? "")).toMatchObject({
      dryRun: true,
      image: null,
      digest: null,
      tags: ["0.1.7", "develop"],
    });
  });

  test("sets apart what is done only where the version is absent", async () => {
    const { host } = await push({ parameters: { "dry-run": "1", "skip-build": "1" } });
    const lines = host.lines.filter((line) => line.startsWith("  ") && !line.startsWith("    "));
    expect(lines.slice(6)).toEqual([
      "  where `0.1.7` is absent:",
      "  unless `develop` is that image already:",
    ]);
  });

  test("names the program that a role's token comes from where the job has none", async () => {
    const env = { ...role.env, CIRCLE_OIDC_TOKEN_V2: "", CIRCLE_ORGANIZATION_ID: "o-1" };
    const dry = { "dry-run": "1", ...role.parameters };
    const lines = async (options: WorldOptions) => (await push(options)).host.lines;
    const call = `  $ circleci run oidc get --claims '{"aud":"o-1"}'`;
    const without = await lines({ env, parameters: dry });
    expect(without[without.indexOf(call) + 1]).toBe("  STS is at https://sts.eu-central-1.amazonaws.com");
    expect(await lines({ env: { ...env, ...role.env }, parameters: dry })).not.toContain(call);
  });

  test("asks git nothing where the job sets the time", async () => {
    const env = { SOURCE_DATE_EPOCH: "1600000000" };
    const { host } = await push({ env, parameters: { "dry-run": "1" } });
    const log = host.lines.join("\n");
    expect(log).not.toContain("git show");
    expect(log).toContain("org.opencontainers.image.created=2020-09-13T12:26:40.000Z");
  });

  test.each<[string, WorldOptions]>([
    ["keys", {}],
    ["a role", role],
    ["no repository yet", { tags: null, parameters: { "create-repository": "1" } }],
    ["an account and a registry", { parameters: { "account-id": "210987654321", registry: "r.example" } }],
    ["no buildx", { hasBuildx: false }],
    ["a secret and no buildx", { hasBuildx: false, client: "20.10.24", ...secrets }],
    ["a cache", { parameters: { cache: "registry", provenance: "max" } }],
    ["an absent version", { parameters: { "skip-build": "1" } }],
  ])("says what a run then does, in its order, with %s", async (_, options) => {
    const dry = await push({ ...options, parameters: { ...options.parameters, "dry-run": "1" } });
    const said = dry.host.lines.map((line) => line.trim().replaceAll("REGISTRY", registry));
    const real = await push({ tags: {}, ...options, env: { ...options.env, SOURCE_DATE_EPOCH: "1" } });
    const calls = real.calls.filter((call) => !call.startsWith("docker "));
    const api = calls.map((call, index) => {
      const body = real.bodies[index] as Record<string, unknown>;
      const shown = {
        ...body,
        ...("imageManifest" in body && {
          imageManifest: "MANIFEST",
          imageManifestMediaType: "TYPE",
          imageDigest: "DIGEST",
        }),
        ...("WebIdentityToken" in body && { WebIdentityToken: "TOKEN" }),
      };
      return `${call.split(" ").slice(0, 2).join(" ")} ${JSON.stringify(shown)}`;
    });
    const docker = real.commands.map(({ args, env: { DOCKER_CONFIG: folder = "", ...env } }) => {
      const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
      return `$ ${showArgv([...variables, "docker", ...args])}`
        .replaceAll(folder, "FOLDER")
        .replace("created=1970-01-01T00:00:01.000Z", "created=TIME");
    });
    const withoutEpoch = said.map((line) => line.replace("SOURCE_DATE_EPOCH=SECONDS ", ""));
    expect([real.exit, api.length > 3, docker.length > 3]).toEqual([0, true, true]);
    expect(inOrder(withoutEpoch, api)).toEqual(api);
    expect(inOrder(withoutEpoch, docker)).toEqual(docker);
  });
});

/** Those that are found one after the other. */
function inOrder(lines: readonly string[], wanted: readonly string[]): readonly string[] {
  let at = 0;
  return wanted.filter((each) => {
    const found = lines.indexOf(each, at);
    at = found < 0 ? at : found + 1;
    return found >= 0;
  });
}
