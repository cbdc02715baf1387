import type { CommitTime } from "../../delivery/commit-time.ts";
import type { DockerCall } from "../../docker/docker.ts";
import type { Engine } from "../../docker/engine.ts";
import { UserError } from "../../errors.ts";
import type { BuildSecret } from "./build-secrets.ts";
import { type Labels, timeLabel } from "./labels.ts";
import { cacheTag } from "./moving-tags.ts";
import type { NamedValue } from "./named-values.ts";

/** What to build, whatever builds it. */
export interface PlannedBuild {
  readonly context: string;
  readonly dockerfile: string;
  readonly arguments: readonly NamedValue[];
  readonly labels: Labels;
  readonly secrets: readonly BuildSecret[];
  /** Empty: the last stage. */
  readonly target: string;
  /** Empty: the engine's own. */
  readonly platforms: readonly string[];
  readonly cache: "none" | "inline" | "registry";
  /** Where an inline cache may be. */
  readonly cacheTags: readonly string[];
  readonly provenance: "none" | "min" | "max";
}

export interface Build extends PlannedBuild {
  /** Null where it is not known. */
  readonly commitTime: CommitTime | null;
}

/** buildx; the BuildKit that clients before 23 have built in; or the builder that was there before. */
export type Builder = "buildx" | "buildkit" | "classic";

/** Where the image is to go: `registry/repository` and its first tag. */
export interface Destination {
  readonly image: string;
  readonly tag: string;
}

/** Throws `docker.too-old` for what none of the builders that are there can do. */
export function chooseBuilder(build: PlannedBuild, engine: Engine): Builder {
  if (engine.hasBuildx) return "buildx";
  const [major] = engine.client;
  const needed = [
    ...(build.platforms.length > 1 ? ["`platforms`"] : []),
    ...(build.cache === "registry" ? ["`cache: registry`"] : []),
    ...(build.provenance !== "none" ? [`\`provenance: ${build.provenance}\``] : []),
  ];
  const eased = buildKitFeatures(build);
  const canBuildKit = major >= 19 && major < 23;
  if (needed.length === 0 && (eased.length === 0 || canBuildKit)) {
    return eased.length > 0 ? "buildkit" : "classic";
  }
  const features = [...needed, ...(canBuildKit ? [] : eased)].join(" and ");
  throw new UserError(
    "docker.too-old",
    `Docker's plug-in buildx is not in this job, and ${features} cannot do without.`,
    {
      hints: [
        "Use an image or a machine with Docker and its plug-in buildx, such as a current cimg/base, or leave those parameters out.",
      ],
    },
  );
}

/** What the builder of old cannot do, and BuildKit can without buildx. */
export function buildKitFeatures({ secrets, cache }: PlannedBuild): readonly string[] {
  return [...(secrets.length > 0 ? ["`secrets`"] : []), ...(cache === "inline" ? ["`cache: inline`"] : [])];
}

/** An engine's own store cannot hold several platforms or an attestation: such an image goes straight to the registry. */
export function isDirect({ platforms, cache, provenance }: PlannedBuild): boolean {
  return platforms.length > 1 || cache === "registry" || provenance !== "none";
}

/** The folder is full of what the user has in theirs, as links. */
export function idFile(folder: string): string {
  return `${folder}/circleback-image-id`;
}

export function metadataFile(folder: string): string {
  return `${folder}/circleback-metadata.json`;
}

/** Files that tell about the image are written into `folder`. */
export function buildCall(build: Build, builder: Builder, to: Destination, folder: string): DockerCall {
  const isBuildx = builder === "buildx";
  const inline = build.cache === "inline" && !isBuildx ? [["--build-arg", "BUILDKIT_INLINE_CACHE=1"]] : [];
  const options = [
    ["--file", build.dockerfile],
    ["--tag", `${to.image}:${to.tag}`],
    ...build.arguments.map(({ name, value }) => ["--build-arg", `${name}=${value}`]),
    ...inline,
    ...Object.entries({ ...timeLabel(build.commitTime), ...build.labels }).map(([key, value]) => [
      "--label",
      `${key}=${value}`,
    ]),
    ...build.secrets.map(({ id, variable }) => ["--secret", `id=${id},env=${variable}`]),
    ...(build.target === "" ? [] : [["--target", build.target]]),
    ...(build.platforms.length === 0 ? [] : [["--platform", build.platforms.join(",")]]),
    ...cacheOptions(build, isBuildx, to.image),
    ...(build.provenance === "none" ? [] : [["--provenance", `mode=${build.provenance}`]]),
    ...(isDirect(build)
      ? [["--push"], ["--metadata-file", metadataFile(folder)]]
      : [...(isBuildx ? [["--load"]] : []), ["--iidfile", idFile(folder)]]),
  ];
  return {
    args: [...(isBuildx ? ["buildx"] : []), "build", ...options.flat(), build.context],
    env: {
      // buildx attests by default, which makes an index of every image, and Lambda takes none.
      ...(isBuildx && build.provenance === "none" && { BUILDX_NO_DEFAULT_ATTESTATIONS: "1" }),
      // The time that BuildKit since 0.11 writes into an image in the place of its own.
      ...(isBuildx && build.commitTime !== null && { SOURCE_DATE_EPOCH: build.commitTime.epoch }),
      ...(builder === "buildkit" && { DOCKER_BUILDKIT: "1" }),
    },
  };
}

function cacheOptions({ cache, cacheTags }: Build, isBuildx: boolean, image: string): readonly string[][] {
  const refer = (tag: string) => `${isBuildx ? "type=registry,ref=" : ""}${image}:${tag}`;
  if (cache === "inline") {
    return [
      ...cacheTags.map((tag) => ["--cache-from", refer(tag)]),
      ...(isBuildx ? [["--cache-to", "type=inline"]] : []),
    ];
  }
  if (cache === "none") return [];
  return [
    ["--cache-from", refer(cacheTag)],
    // ECR takes a cache only as an image of the OCI's.
    ["--cache-to", `${refer(cacheTag)},mode=max,image-manifest=true,oci-mediatypes=true`],
  ];
}

export function pushCall({ image, tag }: Destination): DockerCall {
  return { args: ["push", `${image}:${tag}`] };
}

/** What `docker push` says it has pushed; null where it does not say. */
export function readPushedDigest(output: string): string | null {
  return /digest: (sha256:[0-9a-f]{64})/.exec(output)?.[1] ?? null;
}

/** What buildx says it has pushed: of several platforms, the index. */
export function readMetadataDigest(text: string | null): string | null {
  return /"containerimage\.digest":\s*"(sha256:[0-9a-f]{64})"/.exec(text ?? "")?.[1] ?? null;
}

/**
 * What BuildKit says it has made before it pushes it; of several platforms, or with an attestation, the index. Null
 * where it does not say.
 */
export function readExportedDigest(output: string): string | null {
  const made = [...output.matchAll(/exporting manifest (list )?(sha256:[0-9a-f]{64})/g)];
  return (made.findLast(([, list]) => list) ?? made.at(-1))?.[2] ?? null;
}

/** Whether an image in the registry is the one that was built, by what names its content: its configuration or itself. */
export function isSameImage(
  id: string | null,
  image: { readonly digest: string; readonly manifest: string },
): boolean {
  return id !== null && [image.digest, readConfigDigest(image.manifest)].includes(id);
}

/** Null for an index, which has no configuration of its own. */
export function readConfigDigest(manifest: string): string | null {
  try {
    return JSON.parse(manifest).config?.digest ?? null;
  } catch {
    return null;
  }
}
