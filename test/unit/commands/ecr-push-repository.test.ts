import { describe, expect, test } from "vitest";
import { push, whole } from "./ecr-push-world.ts";

describe("the repository", () => {
  test("is created where it is absent and may be", async () => {
    const { exit, calls, bodies } = await push({ tags: null, parameters: { "create-repository": "true" } });
    expect([exit, calls[2], bodies[2]]).toEqual([
      0,
      "ECR CreateRepository",
      {
        repositoryName: "api",
        imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters: ["develop", "preprod", "master", "production"].map((filter) => ({
          filterType: "WILDCARD",
          filter,
        })),
        imageScanningConfiguration: { scanOnPush: true },
      },
    ]);
  });

  test("may have been created by another job meanwhile", async () => {
    const exists = { status: 400, body: { __type: "RepositoryAlreadyExistsException", message: "exists" } };
    const { calls } = await push({
      tags: null,
      parameters: { "create-repository": "true" },
      instead: { "ECR CreateRepository": [exists] },
    });
    expect(calls).toContain("docker buildx build");
  });

  test("lets those tags move that the user says, each once", async () => {
    const { bodies } = await push({
      tags: null,
      parameters: {
        "create-repository": "true",
        "branch-tags": "main=latest",
        "moving-tags": "staging\nrelease-*\nlatest",
        cache: "registry",
      },
    });
    const created = bodies[2] as { imageTagMutabilityExclusionFilters: readonly { filter: string }[] };
    expect(created.imageTagMutabilityExclusionFilters.map(({ filter }) => filter)).toEqual([
      "latest",
      "staging",
      "release-*",
      "buildcache",
    ]);
  });

  test("is not created unasked", async () => {
    const { exit, error, calls } = await push({ tags: null });
    expect([exit, error, calls.length]).toEqual([
      5,
      "Error: There is no repository api in eu-central-1. (repository.not-found)",
      2,
    ]);
  });

  test("is not taken for absent where it may not be seen", async () => {
    const denied = {
      status: 400,
      body: {
        __type: "AccessDeniedException",
        Message: "User: x is not authorized to perform: ecr:BatchGetImage",
      },
    };
    const { exit, calls, host } = await push({
      tags: null,
      parameters: { "create-repository": "true" },
      instead: { "ECR BatchGetImage": [denied] },
    });
    expect([exit, calls, host.lines.slice(-2)]).toEqual([
      3,
      whole.slice(0, 2),
      [
        'Error: ECR BatchGetImage was answered 400 AccessDeniedException: "User: x is not authorized to perform: ecr:BatchGetImage". (aws.unauthorized)',
        "  - Allow ecr:BatchGetImage in the policy of that user or role.",
      ],
    ]);
  });

  test("is not taken for empty where an image cannot be read", async () => {
    const failure = {
      imageId: { imageTag: "develop" },
      failureCode: "KmsError",
      failureReason: "key disabled",
    };
    const { exit, error } = await push({
      tags: {},
      instead: { "ECR BatchGetImage": [{ status: 200, body: { images: [], failures: [failure] } }] },
    });
    expect([exit, error]).toEqual([
      4,
      'Error: ECR cannot say what develop of api is: KmsError, "key disabled". (aws.failed)',
    ]);
  });
});
