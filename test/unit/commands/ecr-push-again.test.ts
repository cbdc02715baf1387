import { describe, expect, test } from "vitest";
import { built, old, other, push, whole } from "./ecr-push-world.ts";
import { answerImages } from "./ecr-world.ts";

describe("doing it again", () => {
  test("builds nothing with skip-build where the version exists, and still brings the branch's tag to it", async () => {
    const { exit, calls, tags } = await push({
      tags: { "0.1.7": old, develop: other },
      parameters: { "skip-build": "1", path: "not-checked-out" },
    });
    expect([exit, calls, tags]).toEqual([
      0,
      [...whole.slice(0, 2), "ECR PutImage develop"],
      { "0.1.7": old.digest, develop: old.digest },
    ]);
  });

  test("looks for the Dockerfile with skip-build where the version is absent, before it logs in", async () => {
    const { exit, error, calls } = await push({
      tags: {},
      parameters: { "skip-build": "1", path: "not-checked-out" },
    });
    expect([exit, error, calls]).toEqual([
      2,
      "Error: There is no Dockerfile ./not-checked-out/Dockerfile. (parameter.invalid)",
      whole.slice(0, 2),
    ]);
  });

  test("pushes nothing where the version is what was built, though it is immutable", async () => {
    const { exit, calls } = await push({ tags: { "0.1.7": built, develop: built }, immutable: ["0.1.7"] });
    expect([exit, calls.filter((call) => call.includes("push ") || call.includes("Put"))]).toEqual([0, []]);
  });

  test("names both images where the version is immutable and another one", async () => {
    const { exit, error, tags, calls } = await push({
      tags: { "0.1.7": old, develop: old },
      immutable: ["0.1.7"],
    });
    expect([exit, error]).toEqual([
      1,
      `Error: The tag \`0.1.7\` of api is immutable: it is ${old.digest}, and cannot become the image that was built (${built.id}). (image.conflict)`,
    ]);
    expect([tags, calls.filter((call) => call.includes("PutImage"))]).toEqual([
      { "0.1.7": old.digest, develop: old.digest },
      [],
    ]);
  });

  test("takes a push for done whose answer was lost", async () => {
    const { exit, tags, calls } = await push({
      tags: {},
      immutable: ["0.1.7"],
      instead: {
        "docker push": [{ exitCode: 1, output: "received unexpected HTTP status: 500", taken: true }],
      },
    });
    expect([exit, tags]).toEqual([0, { "0.1.7": built.digest, develop: built.digest }]);
    expect(calls.filter((call) => call.startsWith("docker push"))).toHaveLength(2);
  });

  test.each(["ImageTagAlreadyExistsException", "ImageAlreadyExistsException"])(
    "takes a tag that ECR refuses to set once more for done where it is at the image already: %s",
    async (code) => {
      const { exit, tags } = await push({
        tags: {},
        instead: {
          "ECR PutImage": [{ status: 400, body: { __type: code, message: "exists" } }],
          "ECR BatchGetImage develop": [answerImages({ develop: built })],
        },
      });
      expect([exit, Object.keys(tags)]).toEqual([0, ["0.1.7"]]);
    },
  );

  test("says so where ECR tags another image than it was told to", async () => {
    const body = { image: { imageId: { imageDigest: other.digest } } };
    const { exit, error, host } = await push({
      tags: {},
      instead: { "ECR PutImage develop": [{ status: 200, body }] },
    });
    const { finishedAt } = JSON.parse(host.written.get(".circleback/releases/image.json") ?? "");
    expect([exit, error, finishedAt, host.written.get("/bash-env")]).toEqual([
      1,
      `Error: ECR tagged ${other.digest} as \`develop\`, and not ${built.digest}. (image.changed)`,
      null,
      undefined,
    ]);
  });

  test("neither builds nor moves where ECR's answer says nothing of the tags", async () => {
    const { exit, error, calls, tags } = await push({
      tags: { "0.1.7": old },
      parameters: { "skip-build": "1" },
      instead: { "ECR BatchGetImage": [answerImages({})] },
    });
    expect([exit, error, calls, tags]).toEqual([
      4,
      "Error: ECR BatchGetImage does not say what 0.1.7 and develop of api is. (aws.failed)",
      whole.slice(0, 2),
      { "0.1.7": old.digest },
    ]);
  });

  test("asks once more for a tag that the answer leaves out: of one image's tags it may name one alone", async () => {
    const { exit, calls } = await push({
      tags: { "0.1.7": old, develop: old },
      parameters: { "skip-build": "1" },
      instead: { "ECR BatchGetImage": [answerImages({ "0.1.7": old })] },
    });
    expect([exit, calls]).toEqual([0, [...whole.slice(0, 2), "ECR BatchGetImage develop"]]);
  });

  test("moves no branch's tag where a second version is immutable and elsewhere", async () => {
    const { exit, error, tags } = await push({
      tags: { "1.0": old },
      immutable: ["1.0"],
      parameters: { tags: "0.1.${CIRCLE_BUILD_NUM}\n1.0" },
    });
    expect([exit, error]).toEqual([
      1,
      `Error: The tag \`1.0\` of api is immutable: it is ${old.digest}, and cannot become ${built.digest}. (image.conflict)`,
    ]);
    expect(tags).toEqual({ "0.1.7": built.digest, "1.0": old.digest });
  });
});
