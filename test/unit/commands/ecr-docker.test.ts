import { describe, expect, test } from "vitest";
import {
  type Build,
  type Builder,
  buildCall,
  chooseBuilder,
  isSameImage,
  readExportedDigest,
  readMetadataDigest,
  readPushedDigest,
} from "../../../src/commands/ecr-push/docker.ts";
import { image } from "./ecr-world.ts";

const plain: Build = {
  context: ".",
  dockerfile: "./Dockerfile",
  arguments: [{ name: "API_VERSION", value: "0.1.7", suspicion: null }],
  labels: { "org.opencontainers.image.version": "0.1.7" },
  secrets: [],
  target: "",
  platforms: [],
  cache: "none",
  cacheTags: ["develop", "master"],
  provenance: "none",
  commitTime: null,
};

const to = { image: "registry/team/api", tag: "0.1.7" };
const call = (change: Partial<Build>, builder: Builder) => {
  const { args, env } = buildCall({ ...plain, ...change }, builder, to, "/private");
  return [...Object.entries(env ?? {}).map(([name, value]) => `${name}=${value}`), ...args].join(" ");
};

const start = "--file ./Dockerfile --tag registry/team/api:0.1.7 --build-arg API_VERSION=0.1.7";
const label = "--label org.opencontainers.image.version=0.1.7";
const off = "BUILDX_NO_DEFAULT_ATTESTATIONS=1";

describe("the arguments of a build", () => {
  test.each<[string, Partial<Build>, Builder, string]>([
    [
      "with buildx",
      {},
      "buildx",
      `${off} buildx build ${start} ${label} --load --iidfile /private/circleback-image-id .`,
    ],
    [
      "with the builder of old",
      {},
      "classic",
      `build ${start} ${label} --iidfile /private/circleback-image-id .`,
    ],
    [
      "of a stage, elsewhere",
      { target: "runtime", context: "./api", dockerfile: "./api/docker/Dockerfile" },
      "classic",
      `build --file ./api/docker/Dockerfile --tag registry/team/api:0.1.7 --build-arg API_VERSION=0.1.7 ${label} --target runtime --iidfile /private/circleback-image-id ./api`,
    ],
    [
      "with a secret, which is named and not shown",
      { secrets: [{ id: "npm", variable: "NPM_TOKEN" }] },
      "buildkit",
      `DOCKER_BUILDKIT=1 build ${start} ${label} --secret id=npm,env=NPM_TOKEN --iidfile /private/circleback-image-id .`,
    ],
    [
      "for one platform",
      { platforms: ["linux/arm64"] },
      "buildx",
      `${off} buildx build ${start} ${label} --platform linux/arm64 --load --iidfile /private/circleback-image-id .`,
    ],
    [
      "for several platforms, straight to the registry",
      { platforms: ["linux/amd64", "linux/arm64"] },
      "buildx",
      `${off} buildx build ${start} ${label} --platform linux/amd64,linux/arm64 --push --metadata-file /private/circleback-metadata.json .`,
    ],
    [
      "with an inline cache",
      { cache: "inline" },
      "buildx",
      `${off} buildx build ${start} ${label} --cache-from type=registry,ref=registry/team/api:develop --cache-from type=registry,ref=registry/team/api:master --cache-to type=inline --load --iidfile /private/circleback-image-id .`,
    ],
    [
      "with an inline cache and BuildKit alone",
      { cache: "inline" },
      "buildkit",
      `DOCKER_BUILDKIT=1 build ${start} --build-arg BUILDKIT_INLINE_CACHE=1 ${label} --cache-from registry/team/api:develop --cache-from registry/team/api:master --iidfile /private/circleback-image-id .`,
    ],
    [
      "with a cache in the registry, in the form that ECR takes",
      { cache: "registry" },
      "buildx",
      `${off} buildx build ${start} ${label} --cache-from type=registry,ref=registry/team/api:buildcache --cache-to type=registry,ref=registry/team/api:buildcache,mode=max,image-manifest=true,oci-mediatypes=true --push --metadata-file /private/circleback-metadata.json .`,
    ],
    [
      "with provenance",
      { provenance: "max" },
      "buildx",
      `buildx build ${start} ${label} --provenance mode=max --push --metadata-file /private/circleback-metadata.json .`,
    ],
  ])("%s", (_, change, builder, shown) => expect(call(change, builder)).toBe(shown));

  test("keep what a user gives in one argument each, whatever it holds", () => {
    const value = "a b\n$(touch x) ' \" --push";
    const change = {
      arguments: [{ name: "A", value, suspicion: null }],
      labels: { l: value },
    };
    const { args } = buildCall({ ...plain, ...change }, "classic", to, "/private");
    expect(args).toEqual([
      "build",
      "--file",
      "./Dockerfile",
      "--tag",
      "registry/team/api:0.1.7",
      "--build-arg",
      `A=${value}`,
      "--label",
      `l=${value}`,
      "--iidfile",
      "/private/circleback-image-id",
      ".",
    ]);
  });
});

const secret = { secrets: [{ id: "npm", variable: "NPM_TOKEN" }] };

test.each<[string, Partial<Build>, readonly [number, number], boolean, Builder]>([
  ["buildx where it is there", {}, [28, 2], true, "buildx"],
  ["the builder of old where buildx is not there", {}, [28, 2], false, "classic"],
  ["the builder of old in an old client", {}, [20, 10], false, "classic"],
  ["an old client's BuildKit for secrets", secret, [20, 10], false, "buildkit"],
  ["an old client's BuildKit for an inline cache", { cache: "inline" }, [20, 10], false, "buildkit"],
])("builds with %s", (_, change, client, hasBuildx, builder) => {
  expect(chooseBuilder({ ...plain, ...change }, { client, hasBuildx })).toBe(builder);
});

test.each<[Partial<Build>, readonly [number, number], string]>([
  [secret, [28, 2], "`secrets`"],
  [{ cache: "inline" }, [18, 6], "`cache: inline`"],
  [{ cache: "registry" }, [20, 10], "`cache: registry`"],
  [{ provenance: "min" }, [20, 10], "`provenance: min`"],
  [{ platforms: ["linux/amd64", "linux/arm64"], ...secret }, [20, 10], "`platforms`"],
  [{ platforms: ["linux/amd64", "linux/arm64"], ...secret }, [28, 2], "`platforms` and `secrets`"],
])("says that %j with Docker %j needs buildx", (change, client, features) => {
  expect(() => chooseBuilder({ ...plain, ...change }, { client, hasBuildx: false })).toThrow(
    expect.objectContaining({
      code: "docker.too-old",
      exitCode: 2,
      message: `Docker's plug-in buildx is not in this job, and ${features} cannot do without.`,
    }),
  );
});

const digest = image("x").digest;

test.each([
  [`0.1.7: digest: ${digest} size: 527\n`, digest],
  ["0.1.7: digest: sha256:abc size: 527", null],
  ["", null],
])("reads the digest that docker push prints: %j", (output, found) => {
  expect(readPushedDigest(output)).toBe(found);
});

const index = image("y").digest;

test.each([
  [`#9 exporting manifest ${digest} 0.0s done\n#9 exporting config sha256:1 done\n#10 pushing`, digest],
  [`#9 exporting manifest ${index} done\n#9 exporting manifest ${digest} done`, digest],
  [`#9 exporting manifest ${digest} done\n#9 exporting manifest list ${index} done\n#10 ERROR`, index],
  [`#9 exporting attestation manifest ${digest} done`, null],
  ["", null],
])("reads the digest that BuildKit exports: %j", (output, found) => {
  expect(readExportedDigest(output)).toBe(found);
});

test.each([
  [`{\n  "containerimage.config.digest": "sha256:1",\n  "containerimage.digest": "${digest}"\n}`, digest],
  ["{}", null],
  [null, null],
])("reads the digest from what buildx writes: %j", (text, found) => {
  expect(readMetadataDigest(text)).toBe(found);
});

test.each([
  ["its configuration", image("a").id, image("a"), true],
  ["itself, as engines with containerd's store name it", image("a").digest, image("a"), true],
  ["another one's configuration", image("b").id, image("a"), false],
  ["nothing", null, image("a"), false],
  [
    "the configuration of an index, which has none",
    "sha256:1",
    { digest, manifest: '{"manifests":[]}' },
    false,
  ],
  ["something in a manifest that is no JSON", "sha256:1", { digest, manifest: "" }, false],
])("knows an image by %s", (_, id, other, same) => expect(isSameImage(id, other)).toBe(same));
