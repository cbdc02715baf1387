import { AwsError, invalidParameter } from "./aws-error.ts";
import { digestOf, type Manifest, type Manifests } from "./manifests.ts";
import { isImmutable, type Repository } from "./repositories.ts";
import type { EcrAction } from "./shapes.ts";
import type { Tokens } from "./tokens.ts";

/** What an action works on. */
export interface World {
  readonly accountId: string;
  readonly region: string;
  /** Where `docker` finds the registry: host and port. */
  readonly registryAddress: string;
  readonly repositories: Map<string, Repository>;
  readonly manifests: Manifests;
  readonly tokens: Tokens;
  /** By digest, of images that have been scanned: how many findings of which severity. */
  readonly findings: ReadonlyMap<string, Readonly<Record<string, number>>>;
  now(): number;
  /** Nobody else writes meanwhile. */
  exclusively<Result>(write: () => Promise<Result>): Promise<Result>;
}

interface ImageId {
  readonly imageDigest?: string;
  readonly imageTag?: string;
}

/** The request has the shape of its action (shapes.ts). */
// biome-ignore lint/suspicious/noExplicitAny: checkShape has decoded it; a type per action would say it all twice
type Request = any;
type Answer = Readonly<Record<string, unknown>>;

export const actions: Readonly<Record<EcrAction, (world: World, request: Request) => Promise<Answer>>> = {
  GetAuthorizationToken: async ({ tokens, registryAddress }) => {
    const { password, expiresAt } = tokens.issue();
    return {
      authorizationData: [
        {
          authorizationToken: Buffer.from(`AWS:${password}`).toString("base64"),
          expiresAt: expiresAt / 1000,
          proxyEndpoint: `https://${registryAddress}`,
        },
      ],
    };
  },

  BatchGetImage: async (world, request) => {
    const { name } = findRepository(world, request);
    const images: Answer[] = [];
    const failures: Answer[] = [];
    for (const imageId of request.imageIds as readonly ImageId[]) {
      const found = await findImage(world, name, imageId);
      if ("failureCode" in found) failures.push({ imageId, ...found });
      else if (request.acceptedMediaTypes?.includes(found.mediaType) === false) {
        failures.push({ imageId, ...absent });
      } else images.push(describeImage(world, name, found, imageId.imageTag));
    }
    return { images, failures };
  },

  PutImage: (world, request) =>
    world.exclusively(async () => {
      const repository = findRepository(world, request);
      const { imageManifest: text, imageTag: tag, imageDigest } = request;
      const mediaType = request.imageManifestMediaType ?? readMediaType(text);
      const digest = digestOf(text);
      if (imageDigest !== undefined && imageDigest !== digest) {
        throw new AwsError(
          "ImageDigestDoesNotMatchException",
          `The calculated digest ${digest} does not match the provided digest ${imageDigest}`,
        );
      }
      const { name } = repository;
      const current = await world.manifests.read(name, tag ?? digest);
      if (current?.digest === digest) {
        throw new AwsError(
          "ImageAlreadyExistsException",
          `Image with digest '${digest}' and tag '${tag}' already exists in the repository with name '${name}' in registry with id '${world.accountId}'`,
        );
      }
      if (current !== null && isImmutable(repository, tag)) {
        throw new AwsError("ImageTagAlreadyExistsException", immutableTag(tag, name));
      }
      const missing = await world.manifests.write(name, tag ?? digest, { mediaType, text });
      if (missing !== null) {
        const isIndex = /index|list/.test(mediaType);
        throw new AwsError(
          isIndex ? "ReferencedImagesNotFoundException" : "LayersNotFoundException",
          `The manifest references what is not in the repository: ${missing}`,
        );
      }
      return { image: describeImage(world, name, { digest, mediaType, text }, tag) };
    }),

  CreateRepository: async (world, request) => {
    checkRegistry(world, request);
    const name: string = request.repositoryName;
    const mutability: string = request.imageTagMutability ?? "MUTABLE";
    const filters = request.imageTagMutabilityExclusionFilters ?? [];
    if (mutability.endsWith("_WITH_EXCLUSION") !== filters.length > 0) {
      throw invalidParameter(
        "imageTagMutabilityExclusionFilters",
        `does not fit imageTagMutability ${mutability}`,
      );
    }
    if (world.repositories.has(name)) {
      throw new AwsError(
        "RepositoryAlreadyExistsException",
        `The repository with name '${name}' already exists in the registry with id '${world.accountId}'`,
      );
    }
    const repository: Repository = {
      name,
      createdAt: world.now(),
      imageTagMutability: mutability,
      imageTagMutabilityExclusionFilters: filters,
      scanOnPush: request.imageScanningConfiguration?.scanOnPush ?? false,
      encryptionType: request.encryptionConfiguration?.encryptionType ?? "AES256",
    };
    world.repositories.set(name, repository);
    return { repository: describeRepository(world, repository) };
  },

  DescribeRepositories: async (world, request) => {
    const names: readonly string[] = request.repositoryNames ?? [...world.repositories.keys()];
    const found = names.map((repositoryName) => findRepository(world, { ...request, repositoryName }));
    return { repositories: found.map((repository) => describeRepository(world, repository)) };
  },

  DescribeImages: async (world, request) => {
    const { name } = findRepository(world, request);
    const byDigest = await listImages(world, name);
    const wanted: readonly ImageId[] =
      request.imageIds ?? [...byDigest.keys()].map((imageDigest) => ({ imageDigest }));
    const digests = new Set<string>();
    for (const imageId of wanted) {
      const found = await findImage(world, name, imageId);
      if ("failureCode" in found) throw imageNotFound(world, name, imageId);
      digests.add(found.digest);
    }
    const imageDetails = [];
    for (const digest of digests) {
      const manifest = await world.manifests.read(name, digest);
      const counts = world.findings.get(digest);
      imageDetails.push({
        registryId: world.accountId,
        repositoryName: name,
        imageDigest: digest,
        ...withTags(byDigest.get(digest)),
        imageSizeInBytes: sizeOf(manifest?.text ?? "{}"),
        imagePushedAt: world.now() / 1000,
        imageManifestMediaType: manifest?.mediaType,
        ...(counts !== undefined && {
          imageScanStatus: scanIsComplete,
          imageScanFindingsSummary: {
            imageScanCompletedAt: world.now() / 1000,
            vulnerabilitySourceUpdatedAt: world.now() / 1000,
            findingSeverityCounts: counts,
          },
        }),
      });
    }
    return { imageDetails };
  },

  DescribeImageScanFindings: async (world, request) => {
    const { name } = findRepository(world, request);
    const imageId: ImageId = request.imageId;
    const found = await findImage(world, name, imageId);
    if ("failureCode" in found) throw imageNotFound(world, name, imageId);
    const counts = world.findings.get(found.digest);
    if (counts === undefined) {
      throw new AwsError(
        "ScanNotFoundException",
        `Image scan does not exist for the image with '${showImageId(imageId)}' in the repository with name '${name}' in the registry with id '${world.accountId}'`,
      );
    }
    const findings = Object.entries(counts).flatMap(([severity, count]) =>
      Array.from({ length: count }, (_, index) => ({
        name: `CVE-2026-${severity}-${index}`,
        uri: `https://example.com/CVE-2026-${severity}-${index}`,
        severity,
        attributes: [{ key: "package_name", value: "busybox" }],
      })),
    );
    return {
      registryId: world.accountId,
      repositoryName: name,
      imageId: { imageDigest: found.digest, ...(imageId.imageTag && { imageTag: imageId.imageTag }) },
      imageScanStatus: scanIsComplete,
      imageScanFindings: {
        imageScanCompletedAt: world.now() / 1000,
        vulnerabilitySourceUpdatedAt: world.now() / 1000,
        findings,
        findingSeverityCounts: counts,
      },
    };
  },
};

/** In the words of 2025; before, the repository was said to be immutable. */
export function immutableTag(tag: string, repository: string): string {
  return `The image tag '${tag}' already exists in the '${repository}' repository and cannot be overwritten because the tag is immutable.`;
}

export function unknownRepository(name: string, registryId: string): string {
  return `The repository with name '${name}' does not exist in the registry with id '${registryId}'`;
}

const scanIsComplete = { status: "COMPLETE", description: "The scan was completed successfully." };
const absent = { failureCode: "ImageNotFound", failureReason: "Requested image not found" } as const;

interface Failure {
  readonly failureCode: string;
  readonly failureReason: string;
}

function findRepository(world: World, request: Request): Repository {
  checkRegistry(world, request);
  const found = world.repositories.get(request.repositoryName);
  if (found !== undefined) return found;
  throw new AwsError(
    "RepositoryNotFoundException",
    unknownRepository(request.repositoryName, world.accountId),
  );
}

function checkRegistry({ accountId }: World, { registryId = accountId, repositoryName }: Request): void {
  if (registryId !== accountId) {
    throw new AwsError("RepositoryNotFoundException", unknownRepository(repositoryName, registryId));
  }
}

async function findImage(
  { manifests }: World,
  repository: string,
  { imageDigest, imageTag }: ImageId,
): Promise<Manifest | Failure> {
  if (imageDigest === undefined && imageTag === undefined) {
    return { failureCode: "MissingDigestAndTag", failureReason: "Invalid request parameters: both are null" };
  }
  if (imageDigest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(imageDigest)) {
    return {
      failureCode: "InvalidImageDigest",
      failureReason:
        "Invalid request parameters: image digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'",
    };
  }
  const found = await manifests.read(repository, imageTag ?? imageDigest ?? "");
  if (found === null) return absent;
  if (imageDigest !== undefined && found.digest !== imageDigest) {
    return { failureCode: "ImageTagDoesNotMatchDigest", failureReason: "Tag does not match digest" };
  }
  return found;
}

/** Tags by digest: an image without a tag is not listed, for the registry lists none. */
async function listImages({ manifests }: World, repository: string): Promise<ReadonlyMap<string, string[]>> {
  const images = new Map<string, string[]>();
  for (const tag of await manifests.tags(repository)) {
    const digest = (await manifests.read(repository, tag))?.digest;
    if (digest !== undefined) images.set(digest, [...(images.get(digest) ?? []), tag]);
  }
  return images;
}

function describeImage(
  { accountId }: World,
  repositoryName: string,
  { digest, mediaType, text }: Manifest,
  tag: string | undefined,
): Answer {
  return {
    registryId: accountId,
    repositoryName,
    imageId: { imageDigest: digest, ...(tag !== undefined && { imageTag: tag }) },
    imageManifest: text,
    imageManifestMediaType: mediaType,
  };
}

function describeRepository({ accountId, region, registryAddress }: World, repository: Repository): Answer {
  const { name, imageTagMutability, imageTagMutabilityExclusionFilters: filters } = repository;
  return {
    repositoryArn: `arn:aws:ecr:${region}:${accountId}:repository/${name}`,
    registryId: accountId,
    repositoryName: name,
    repositoryUri: `${registryAddress}/${name}`,
    createdAt: repository.createdAt / 1000,
    imageTagMutability,
    ...(filters.length > 0 && { imageTagMutabilityExclusionFilters: filters }),
    imageScanningConfiguration: { scanOnPush: repository.scanOnPush },
    encryptionConfiguration: { encryptionType: repository.encryptionType },
  };
}

function readMediaType(manifest: string): string {
  const { mediaType } = parseManifest(manifest);
  if (typeof mediaType === "string") return mediaType;
  throw invalidParameter(
    "imageManifestMediaType",
    "image manifest mediatype not provided in manifest or parameter",
  );
}

function parseManifest(text: string): { readonly mediaType?: unknown } {
  try {
    return JSON.parse(text) as { readonly mediaType?: unknown };
  } catch {
    throw invalidParameter("ImageManifest", "Invalid JSON syntax");
  }
}

function sizeOf(manifest: string): number {
  const { config, layers } = JSON.parse(manifest) as {
    readonly config?: { readonly size: number };
    readonly layers?: readonly { readonly size: number }[];
  };
  return (layers ?? []).reduce((sum, { size }) => sum + size, config?.size ?? 0);
}

function withTags(imageTags: readonly string[] | undefined): Answer {
  return imageTags === undefined ? {} : { imageTags };
}

function imageNotFound({ accountId }: World, repository: string, imageId: ImageId): AwsError {
  return new AwsError(
    "ImageNotFoundException",
    `The image with imageId ${showImageId(imageId)} does not exist within the repository with name '${repository}' in the registry with id '${accountId}'`,
  );
}

function showImageId({ imageDigest = "null", imageTag = "null" }: ImageId): string {
  return `{imageDigest:'${imageDigest}', imageTag:'${imageTag}'}`;
}
