import { describe, expect, test } from "vitest";
import { built, old, push, whole } from "./ecr-push-world.ts";
import { image, type WorldOptions } from "./ecr-world.ts";

describe("the repository", () => {
  test("is created once it is known that Docker can build for it", async () => {
    const { exit, calls, bodies } = await push({ tags: null, parameters: { "create-repository": "true" } });
    expect([exit, calls.slice(3, 6), bodies[2]]).toEqual([
      0,
      ["docker buildx version", "ECR CreateRepository", "docker buildx build"],
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

  test.each<[string, WorldOptions]>([
    ["there is no Docker", { instead: { "docker buildx version": [null] } }],
    ["Docker is too old", { hasBuildx: false, parameters: { cache: "registry" } }],
  ])("is not created where %s", async (_, options) => {
    const parameters = { "create-repository": "true", ...options.parameters };
    const { exit, calls } = await push({ ...options, tags: null, parameters });
    expect([exit, calls.filter((call) => call.startsWith("ECR"))]).toEqual([
      "parameters" in options ? 2 : 5,
      whole.slice(0, 2),
    ]);
  });

  const absent = { status: 400, body: { __type: "RepositoryNotFoundException", message: "no" } };
  const exists = { status: 400, body: { __type: "RepositoryAlreadyExistsException", message: "exists" } };
  const faster = {
    parameters: { "create-repository": "true" },
    instead: { "ECR BatchGetImage": [absent], "ECR CreateRepository": [exists] },
  };

  test("of another job that was faster is looked at before anything is pushed", async () => {
    const { exit, calls, tags } = await push({ ...faster, tags: { "0.1.7": built, develop: old } });
    expect([exit, calls.filter((call) => call.includes("push ")), tags.develop]).toEqual([
      0,
      [],
      built.digest,
    ]);
  });

  test("of another job that was faster says what the tags were before", async () => {
    const { host } = await push({ ...faster, tags: { "0.1.7": image("else"), develop: old } });
    const record = JSON.parse(host.written.get(".circleback/releases/image.json") ?? "");
    expect(record.previous).toEqual({ "0.1.7": image("else").digest, develop: old.digest });
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
