import type { EcrImage, Repository } from "./ecr.ts";

/** What ECR's operations are called with: a dry run prints the same. */
export type Body = Readonly<Record<string, unknown>>;

/** ECR translates a manifest for those who do not say that they know its form; a translation has another digest. */
const mediaTypes = [
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.oci.image.index.v1+json",
];

export function findBody(repository: Repository, references: readonly string[]): Body {
  return {
    ...scope(repository),
    imageIds: references.map((reference) =>
      reference.startsWith("sha256:") ? { imageDigest: reference } : { imageTag: reference },
    ),
    acceptedMediaTypes: mediaTypes,
  };
}

export function putImageBody(
  repository: Repository,
  { digest, manifest, mediaType }: Pick<EcrImage, "digest" | "manifest" | "mediaType">,
  tag: string,
): Body {
  return {
    ...scope(repository),
    imageManifest: manifest,
    ...(mediaType !== null && { imageManifestMediaType: mediaType }),
    imageTag: tag,
    imageDigest: digest,
  };
}

/** How many filters ECR takes for the tags of one repository that may move. */
export const mostFilters = 5;

/** A repository whose versions stay what they are, while the tags of branches move. */
export function repositoryBody(repository: Repository, movingTags: readonly string[]): Body {
  return {
    ...scope(repository),
    ...(movingTags.length === 0
      ? { imageTagMutability: "IMMUTABLE" }
      : {
          imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
          imageTagMutabilityExclusionFilters: movingTags.map((filter) => ({
            filterType: "WILDCARD",
            filter,
          })),
        }),
    imageScanningConfiguration: { scanOnPush: true },
  };
}

function scope({ account, name }: Repository): Body {
  return { ...(account !== null && { registryId: account }), repositoryName: name };
}
