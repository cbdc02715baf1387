import { describe, expect, test } from "vitest";
import { built, old, other, push } from "./ecr-push-world.ts";

describe("a build that pushes by itself", () => {
  const direct = { cache: "registry" };
  const build = "docker buildx build";
  const failed = (...lines: readonly string[]) => ({ exitCode: 1, output: lines.join("\n") });

  test("is one command, and names the digest that buildx has written", async () => {
    const { exit, calls, tags } = await push({ tags: {}, parameters: direct });
    expect([exit, tags.develop, calls.filter((call) => /^docker (push|buildx)/.test(call))]).toEqual([
      0,
      built.digest,
      ["docker buildx version", build],
    ]);
  });

  test("moves no tag where the version is not what buildx says it has pushed", async () => {
    const { exit, error, tags } = await push({
      tags: { "0.1.7": other, develop: old },
      parameters: direct,
      instead: { [build]: [{ exitCode: 0, output: "pushed" }] },
      onCall: (call, host) => {
        const metadata = JSON.stringify({ "containerimage.digest": built.digest });
        if (call === build) host.files.write("/tmp/private-1/circleback-metadata.json", metadata);
      },
    });
    expect([exit, error, tags.develop]).toEqual([
      1,
      `Error: \`0.1.7\` of api is ${other.digest}, and not ${built.digest}: something else has changed it meanwhile, or Docker has not pushed it. (image.changed)`,
      old.digest,
    ]);
  });

  test("is done again with a new login where the first has expired", async () => {
    const expired = failed(
      "#9 pushing layers",
      "ERROR: failed to push r/api:1: denied: Your authorization token has expired. Reauthenticate and try again.",
    );
    const { exit, calls } = await push({ tags: {}, parameters: direct, instead: { [build]: [expired] } });
    expect([exit, calls.filter((call) => call === build || call.includes("Token"))]).toEqual([
      0,
      ["ECR GetAuthorizationToken", build, "ECR GetAuthorizationToken", build],
    ]);
  });

  test("is tried three times where the registry breaks", async () => {
    const broken = failed("ERROR: failed to push r/api:1: unexpected status: 500 Internal Server Error");
    const { exit, error, calls, tags } = await push({
      tags: { develop: old },
      parameters: direct,
      instead: { [build]: [broken, broken, broken] },
    });
    expect([exit, error, calls.filter((call) => call === build).length, tags]).toEqual([
      4,
      "Error: docker buildx build ended with exit code 1: ERROR: failed to push r/api:1: unexpected status: 500 Internal Server Error (registry.failed)",
      3,
      { develop: old.digest },
    ]);
  });

  test("is not tried again where the build itself fails", async () => {
    const { exit, error, calls } = await push({
      tags: {},
      parameters: direct,
      instead: { [build]: [failed("npm ERR! 401 Unauthorized", "ERROR: failed to solve: exit code: 1")] },
    });
    expect([exit, error, calls.filter((call) => call === build).length]).toEqual([
      1,
      "Error: docker buildx build ended with exit code 1: ERROR: failed to solve: exit code: 1 (docker.build-failed)",
      1,
    ]);
  });

  const refusal =
    "ERROR: failed to push r/api:0.1.7: tag invalid: The image tag '0.1.7' already exists in the 'api' repository and cannot be overwritten because the tag is immutable.";

  test("is a success where the immutable version is this image already", async () => {
    const { exit, tags } = await push({
      tags: { "0.1.7": built },
      parameters: direct,
      instead: {
        [build]: [failed(`#9 exporting manifest ${built.digest} 0.1s done`, "#9 ERROR: x", refusal)],
      },
    });
    expect([exit, tags.develop]).toEqual([0, built.digest]);
  });

  test("names both images where the immutable version is another one", async () => {
    const { exit, error, tags } = await push({
      tags: { "0.1.7": old },
      parameters: direct,
      instead: { [build]: [failed(`#9 exporting manifest ${built.digest} 0.1s done`, refusal)] },
    });
    expect([exit, error, tags]).toEqual([
      1,
      `Error: The tag \`0.1.7\` of api is immutable: it is ${old.digest}, and cannot become the image that was built (${built.digest}). (image.conflict)`,
      { "0.1.7": old.digest },
    ]);
  });
});
