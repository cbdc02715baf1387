import { describe, expect, test } from "vitest";
import { built, old, other, push, whole } from "./ecr-push-world.ts";
import { answerImages, image, registry, sha256, type WorldOptions } from "./ecr-world.ts";

describe("trouble on the way", () => {
  test("renews a login that expired during the build, once", async () => {
    const expired = {
      exitCode: 1,
      output: "denied: Your authorization token has expired. Reauthenticate and try again.",
    };
    const { exit, calls } = await push({ tags: {}, instead: { "docker push": [expired] } });
    expect([exit, calls]).toEqual([
      0,
      [
        ...whole.slice(0, 6),
        "ECR GetAuthorizationToken",
        `docker login --username AWS --password-stdin ${registry}`,
        `docker push ${registry}/api:0.1.7`,
        ...whole.slice(6),
      ],
    ]);
    const twice = await push({ tags: {}, instead: { "docker push": [expired, expired] } });
    expect([twice.exit, twice.error, twice.tags]).toEqual([
      3,
      `Error: docker push ended with exit code 1: ${expired.output} (registry.unauthorized)`,
      {},
    ]);
  });

  test("renews a login that is about to end before it pushes", async () => {
    const { exit, calls } = await push({ tags: {}, lifetime: 60_000 });
    expect([exit, calls.filter((call) => call.includes("Authorization") || call.includes("push "))]).toEqual([
      0,
      ["ECR GetAuthorizationToken", "ECR GetAuthorizationToken", `docker push ${registry}/api:0.1.7`],
    ]);
  });

  test("pushes up to three times, and moves no tag where that does not help", async () => {
    const broken = { exitCode: 1, output: "received unexpected HTTP status: 500 Internal Server Error" };
    const { exit, error, tags, calls, host } = await push({
      tags: { develop: old },
      instead: { "docker push": [broken, broken, broken] },
    });
    expect([exit, error, tags, host.sleeps]).toEqual([
      4,
      "Error: docker push ended with exit code 1: received unexpected HTTP status: 500 Internal Server Error (registry.failed)",
      { develop: old.digest },
      [2_000, 4_000],
    ]);
    expect(calls.slice(5)).toEqual([
      ...Array(3).fill(`docker push ${registry}/api:0.1.7`),
      `docker logout ${registry}`,
    ]);
  });

  test("logs in up to three times where the registry does not answer", async () => {
    const lost = { exitCode: 1, output: "net/http: request canceled (Client.Timeout exceeded)" };
    const { exit, calls, host } = await push({ tags: {}, instead: { "docker login": [lost, lost] } });
    expect([exit, calls.filter((call) => call.startsWith("docker login")).length, host.sleeps]).toEqual([
      0,
      3,
      [2_000, 4_000],
    ]);
    const never = await push({ tags: {}, instead: { "docker login": [lost, lost, lost] } });
    expect([never.exit, never.error]).toEqual([
      4,
      `Error: docker login ${registry} ended with exit code 1: ${lost.output} (registry.failed)`,
    ]);
  });

  test("shows what Docker says where it cannot log in, and tries no further", async () => {
    const output = "Error response from daemon: login attempt failed with status: 401 Unauthorized";
    const { exit, error, host } = await push({
      tags: {},
      instead: { "docker login": [{ exitCode: 1, output }] },
    });
    expect([exit, error, host.lines.includes(output), host.sleeps]).toEqual([
      3,
      `Error: docker login ${registry} ended with exit code 1: ${output} (registry.unauthorized)`,
      true,
      [],
    ]);
  });

  test("ends at once where the engine's disk is full", async () => {
    const full = { exitCode: 1, output: "write /var/lib/docker/tmp: no space left on device" };
    const { exit, host } = await push({ tags: {}, instead: { "docker buildx build": [full] } });
    expect([exit, host.lines.slice(-2)]).toEqual([
      1,
      [
        "Error: docker build ended with exit code 1: write /var/lib/docker/tmp: no space left on device (docker.build-failed)",
        "  - The engine's disk is full: use a larger resource class, or make room with docker system prune before this step.",
      ],
    ]);
  });

  test("takes what a build's own programs say for the build's own trouble", async () => {
    const npm = { exitCode: 1, output: "npm ERR! 401 Unauthorized\nERROR: failed to solve" };
    const { exit, error, calls } = await push({ tags: {}, instead: { "docker buildx build": [npm] } });
    expect([exit, error, calls.filter((call) => call.includes("build"))]).toEqual([
      1,
      "Error: docker build ended with exit code 1: ERROR: failed to solve (docker.build-failed)",
      ["docker buildx version", "docker buildx build"],
    ]);
  });

  test("moves no tag where what was pushed is not what was built: another job has used its name on the engine", async () => {
    const { exit, error, tags } = await push({
      tags: { "0.1.7": other, develop: old },
      instead: { "docker push": [{ exitCode: 0, output: `0.1.7: digest: ${other.digest} size: 527` }] },
    });
    expect([exit, error, tags.develop]).toEqual([
      1,
      `Error: \`0.1.7\` of api is ${other.digest}, and not ${built.id}: something else has changed it meanwhile, or Docker has not pushed it. (image.changed)`,
      old.digest,
    ]);
  });

  test("moves no tag where the version is not what was pushed", async () => {
    const { exit, error, tags } = await push({
      tags: { develop: old },
      instead: {
        "docker push": [{ exitCode: 0, output: `0.1.7: digest: ${other.digest} size: 1` }],
        "ECR BatchGetImage": ["through", answerImages({ "0.1.7": old, develop: old })],
      },
    });
    expect([exit, error, tags]).toEqual([
      1,
      `Error: \`0.1.7\` of api is ${old.digest}, and not ${other.digest}: something else has changed it meanwhile, or Docker has not pushed it. (image.changed)`,
      { develop: old.digest },
    ]);
  });

  test("waits out throttling", async () => {
    const throttled = { status: 400, body: { __type: "ThrottlingException", message: "Rate exceeded" } };
    const { exit, host, calls } = await push({
      tags: {},
      instead: { "ECR PutImage": [throttled, throttled] },
    });
    expect([exit, host.sleeps, calls.slice(-3)]).toEqual([
      0,
      [1_000, 2_000],
      Array(3).fill("ECR PutImage develop"),
    ]);
  });

  test.each([
    ["the login", "docker login"],
    ["the build", "docker buildx build"],
    ["the push", "docker push"],
  ])("logs out and says so where the job is cancelled during %s", async (_, moment) => {
    const { exit, error, calls, tags } = await push({
      tags: {},
      onCall: (call, host) => {
        if (call.startsWith(moment)) host.cancel();
      },
    });
    expect([exit, error, calls.at(-1)]).toEqual([
      6,
      "Error: This job was cancelled. (job.canceled)",
      `docker logout ${registry}`,
    ]);
    expect(tags).not.toHaveProperty("develop");
  });

  const silent = { exitCode: 0, output: "", taken: true };
  const index = { ...image("index"), manifest: '{"manifests":[]}', digest: sha256('{"manifests":[]}') };

  test.each<[string, WorldOptions]>([
    ["it tells nothing at all", { instead: { "docker buildx build": [silent], "docker push": [silent] } }],
    [
      "it pushes while it builds, and tells nothing",
      { parameters: { cache: "registry" }, instead: { "docker buildx build": [silent] } },
    ],
    [
      "it tells the configuration alone, and the image is an index",
      { built: index, instead: { "docker push": [silent] } },
    ],
  ])("moves no tag where Docker does not tell which image it has pushed: %s", async (_, options) => {
    const there = options.built ?? other;
    const { exit, error, tags } = await push({ ...options, tags: { "0.1.7": there, develop: old } });
    const now = options.built || !options.parameters ? (options.built ?? built) : there;
    expect([exit, error, tags.develop]).toEqual([
      1,
      `Error: Docker does not tell which image it has pushed, so that \`0.1.7\` of api (${now.digest}) may be another one. (docker.build-failed)`,
      old.digest,
    ]);
  });
});

describe("what was done before it ended early", () => {
  const refusal = { status: 400, body: { __type: "ValidationException", message: "no" } };
  const warnings = ({ host }: Awaited<ReturnType<typeof push>>) =>
    host.lines.filter((line) => line.startsWith("Warning: "));
  const both = { tags: "0.1.7\nnext" };

  test("is told where the job is cancelled while a tag moves, with what the tags were", async () => {
    const run = await push({
      tags: { next: other, develop: old },
      parameters: both,
      onCall: (call, host) => {
        if (call !== "ECR PutImage develop") return;
        host.cancel();
        throw new Error("cut");
      },
    });
    expect([run.exit, warnings(run)]).toEqual([
      6,
      ["Warning: This ends early, but `0.1.7` is pushed, `next` is moved, `develop` may be moved."],
    ]);
    expect(run.host.lines.filter((line) => line.startsWith("Tagging"))).toEqual([
      `Tagging \`0.1.7\` (${built.digest}) of api as \`next\`, which is ${other.digest} now.`,
      `Tagging \`0.1.7\` (${built.digest}) of api as \`develop\`, which is ${old.digest} now.`,
    ]);
  });

  const broken = { exitCode: 1, output: "received unexpected HTTP status: 500 Internal Server Error" };
  const denied = { exitCode: 1, output: "denied: User is not authorized to perform: ecr:PutImage" };
  const gone = "Cannot connect to the Docker daemon at tcp://engine:2376. Is the docker daemon running?";
  const cut: WorldOptions["onCall"] = (call, host) => {
    if (call.startsWith("docker push")) host.cancel();
  };
  test.each<[string, WorldOptions, readonly string[]]>([
    ["is cancelled", { onCall: cut }, ["Warning: This ends early, but `0.1.7` may be pushed."]],
    [
      "fails for no reason that the registry gives",
      { instead: { "docker push": [broken, broken, broken] } },
      ["Warning: This ends early, but `0.1.7` may be pushed."],
    ],
    [
      "is refused, after a try that may have had its effect",
      { instead: { "docker push": [{ ...broken, taken: true }, denied] } },
      ["Warning: This ends early, but `0.1.7` may be pushed."],
    ],
    [
      "meets another image under an immutable version, after a try that failed",
      { tags: { "0.1.7": old }, immutable: ["0.1.7"], instead: { "docker push": [broken] } },
      [],
    ],
    ["is refused", { instead: { "docker push": [denied] } }, []],
    [
      "ends with the engine",
      { instead: { "docker push": [{ exitCode: 1, output: `The push refers to repository [x]\n${gone}` }] } },
      ["Warning: This ends early, but `0.1.7` may be pushed."],
    ],
    ["finds no engine", { instead: { "docker push": [{ exitCode: 1, output: gone }] } }, []],
    [
      "is a part of the build, which loses its engine meanwhile",
      {
        parameters: { cache: "registry" },
        instead: { "docker buildx build": [{ exitCode: 1, output: "#9 pushing layers\nERROR: EOF" }] },
      },
      ["Warning: This ends early, but `0.1.7` may be pushed."],
    ],
    [
      "is a part of the build, which fails before it",
      {
        parameters: { cache: "registry" },
        instead: { "docker buildx build": [{ exitCode: 1, output: "#5 RUN make\nERROR: failed to solve" }] },
      },
      [],
    ],
    [
      "is cancelled, as a part of the build",
      {
        parameters: { cache: "registry" },
        onCall: (call, host) => {
          if (call === "docker buildx build") host.cancel();
        },
      },
      ["Warning: This ends early, but `0.1.7` may be pushed."],
    ],
  ])("is told where the push %s", async (_, options, told) => {
    const run = await push({ tags: {}, ...options });
    expect(warnings(run).filter((line) => line.includes("ends early"))).toEqual(told);
    expect(run.exit).not.toBe(0);
  });

  test("is told where what was pushed cannot be read back, with what the version was", async () => {
    const run = await push({
      tags: { "0.1.7": old },
      instead: { "ECR BatchGetImage": ["through", refusal] },
    });
    expect([run.exit, warnings(run)]).toEqual([4, ["Warning: This ends early, but `0.1.7` may be pushed."]]);
    expect(run.host.lines).toContain(`\`0.1.7\` is ${old.digest} now.`);
  });

  test("is no move of a tag where the job is cancelled before it", async () => {
    const run = await push({
      tags: {},
      onCall: (call, host) => {
        if (call === whole[1] && host.lines.some((line) => line.startsWith("Built"))) host.cancel();
      },
    });
    expect([run.exit, warnings(run)]).toEqual([6, ["Warning: This ends early, but `0.1.7` is pushed."]]);
    expect(run.host.lines.join("\n")).not.toContain("Tagging");
  });

  test("is no push where Docker says that it has pushed, and nothing is there", async () => {
    const output = `0.1.7: digest: ${built.digest} size: 527`;
    const run = await push({ tags: {}, instead: { "docker push": [{ exitCode: 0, output }] } });
    expect([run.error, warnings(run)]).toEqual([
      `Error: \`0.1.7\` of api is absent, and not ${built.digest}: something else has changed it meanwhile, or Docker has not pushed it. (image.changed)`,
      ["Warning: This ends early, but `0.1.7` may be pushed."],
    ]);
  });

  test("is no move of a tag that ECR refuses to move, and is not told where there is none", async () => {
    const refused = await push({
      tags: { develop: old },
      immutable: ["develop"],
      parameters: both,
    });
    const nothing = await push({
      tags: {},
      instead: { "docker buildx build": [{ exitCode: 1, output: "" }] },
    });
    const again = await push({
      tags: { "0.1.7": built, develop: old },
      immutable: ["develop"],
    });
    expect([refused, nothing, again].map(warnings)).toEqual([
      ["Warning: This ends early, but `0.1.7` is pushed, `next` is moved."],
      [],
      [],
    ]);
  });
});
