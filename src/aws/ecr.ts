import * as v from "valibot";
import { UserError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { type AwsCall, createAwsCall, Refused } from "./call.ts";
import type { CredentialStore } from "./credentials.ts";
import { type Authorization, authorize, ecrService } from "./ecr-authorize.ts";
import { findBody, putImageBody, repositoryBody } from "./ecr-bodies.ts";

/** Amazon ECR's private registry: the few calls that move tags, and the login for Docker. */
export interface Ecr {
  /** What Docker logs in with, good for twelve hours. */
  authorize(): Promise<Authorization>;
  /**
   * The images behind these tags or digests, by tag or digest; one that is absent is not in the map. Null where
   * there is no such repository. Any other refusal is thrown, so that "may not look" is never taken for "absent".
   */
  findImages(references: readonly string[]): Promise<ReadonlyMap<string, EcrImage> | null>;
  /** Whether it was created here; another job may have been faster. */
  createRepository(movingTags: readonly string[]): Promise<boolean>;
  /** Gives an image that is in the repository one more tag. Throws `image.conflict` for a tag that may not move. */
  tagImage(image: EcrImage, tag: string): Promise<void>;
}

export interface EcrImage {
  readonly digest: string;
  readonly manifest: string;
  /** Null where the manifest says it itself. */
  readonly mediaType: string | null;
  readonly account: string;
}

export interface Repository {
  readonly region: string;
  /** Null: the caller's own. */
  readonly account: string | null;
  readonly name: string;
}

const ImageId = v.object({ imageDigest: v.optional(v.string()), imageTag: v.optional(v.string()) });

const FoundImage = v.object({
  registryId: v.string(),
  imageId: v.object({ imageDigest: v.string(), imageTag: v.optional(v.string()) }),
  imageManifest: v.string(),
  imageManifestMediaType: v.optional(v.string()),
});

const Found = v.object({
  images: v.optional(v.array(FoundImage), []),
  failures: v.optional(
    v.array(
      v.object({
        imageId: v.optional(ImageId, {}),
        failureCode: v.string(),
        failureReason: v.optional(v.string(), ""),
      }),
    ),
    [],
  ),
});

const Put = v.object({ image: v.object({ imageId: v.object({ imageDigest: v.string() }) }) });

export function createEcr(host: Host, repository: Repository, credentials: CredentialStore): Ecr {
  const call = createAwsCall(host, { ...ecrService, region: repository.region }, credentials);
  const findImages: Ecr["findImages"] = async (references) => {
    const found = await unlessRefused(call, repository, references);
    if (found === null) return null;
    const failure = found.failures.find(({ failureCode }) => failureCode !== "ImageNotFound");
    if (failure !== undefined) {
      const what = failure.imageId.imageTag ?? failure.imageId.imageDigest ?? "an image";
      throw new UserError(
        "aws.failed",
        `ECR cannot say what ${what} of ${repository.name} is: ${failure.failureCode}, "${failure.failureReason}".`,
      );
    }
    const images = new Map<string, EcrImage>();
    for (const { registryId, imageId, imageManifest, imageManifestMediaType } of found.images) {
      const image = {
        digest: imageId.imageDigest,
        manifest: imageManifest,
        mediaType: imageManifestMediaType ?? null,
        account: registryId,
      };
      images.set(imageId.imageDigest, image);
      if (imageId.imageTag !== undefined) images.set(imageId.imageTag, image);
    }
    const absent = found.failures.flatMap(({ imageId }) => [imageId.imageTag, imageId.imageDigest]);
    const untold = references.filter((each) => !images.has(each) && !absent.includes(each));
    if (untold.length === 0) return images;
    if (untold.length === references.length) {
      throw new UserError(
        "aws.failed",
        `ECR BatchGetImage does not say what ${untold.join(" and ")} of ${repository.name} is.`,
      );
    }
    // Of several tags of one image it may name one alone.
    const others = await findImages(untold);
    return others && new Map([...images, ...others]);
  };

  return {
    findImages,
    authorize: () => authorize(host, repository.region, credentials),
    async createRepository(movingTags) {
      try {
        const body = repositoryBody(repository, movingTags);
        await call("CreateRepository", body, v.looseObject({}), ["RepositoryAlreadyExistsException"]);
        return true;
      } catch (error) {
        if (error instanceof Refused) return false;
        throw error;
      }
    },
    async tagImage(image, tag) {
      try {
        const { image: put } = await call("PutImage", putImageBody(repository, image, tag), Put, [
          "ImageAlreadyExistsException",
          "ImageTagAlreadyExistsException",
        ]);
        if (put.imageId.imageDigest === image.digest) return;
        throw new UserError(
          "image.changed",
          `ECR tagged ${put.imageId.imageDigest} as \`${tag}\`, and not ${image.digest}.`,
        );
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        // ECR refuses to tag an immutable tag once more, even when it is at the same image already.
        const now = (await findImages([tag]))?.get(tag)?.digest ?? "another image";
        if (now !== image.digest) throw describeConflict(repository.name, tag, now, image.digest);
      }
    },
  };
}

export function describeConflict(repository: string, tag: string, now: string, wanted: string): UserError {
  return new UserError(
    "image.conflict",
    `The tag \`${tag}\` of ${repository} is immutable: it is ${now}, and cannot become ${wanted}.`,
    {
      hints: [
        "Give each image a version of its own, such as 0.1.${CIRCLE_BUILD_NUM}.",
        `If \`${tag}\` is meant to move, exclude it from immutability: aws ecr put-image-tag-mutability --repository-name ${repository} --image-tag-mutability IMMUTABLE_WITH_EXCLUSION --image-tag-mutability-exclusion-filters filterType=WILDCARD,filter=${tag} (with the filters that there are already).`,
      ],
    },
  );
}

async function unlessRefused(call: AwsCall, repository: Repository, references: readonly string[]) {
  try {
    return await call("BatchGetImage", findBody(repository, references), Found, [
      "RepositoryNotFoundException",
    ]);
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}
