import { describe, expect, test } from "vitest";
import { definition } from "../../../src/commands/ecr-push/definition.ts";
import { ecrPush } from "../../../src/commands/ecr-push/handler.ts";
import type { Files } from "../../../src/host/host.ts";
import { runCommand } from "../../../src/run-command.ts";
import { built, old, other, push, whole } from "./ecr-push-world.ts";
import { answerImages, createWorld, registry, sha256, type World, type WorldOptions } from "./ecr-world.ts";

test("builds, pushes the version once, and moves the branch's tag after it", async () => {
  const { exit, calls, tags, host } = await push({ tags: { develop: old } });
  expect([exit, calls, tags]).toEqual([0, whole, { "0.1.7": built.digest, develop: built.digest }]);
  expect(host.written.get("/bash-env")).toBe(
    [
      `export CIRCLEBACK_IMAGE='${registry}/api@${built.digest}'`,
      `export CIRCLEBACK_IMAGE_DIGEST='${built.digest}'`,
      "export CIRCLEBACK_IMAGE_TAGS='0.1.7 develop'",
      "",
    ].join("\n"),
  );
  expect(JSON.parse(host.written.get(".circleback/releases/image.json") ?? "")).toEqual({
    schema: 1,
    action: "push",
    dryRun: false,
    version: "0.1.7",
    image: `${registry}/api@${built.digest}`,
    digest: built.digest,
    registry,
    repository: "api",
    region: "eu-central-1",
    tags: ["0.1.7", "develop"],
    previous: { develop: old.digest },
    commit: "0123456789abcdef",
    branch: "develop",
    pipeline: "pipeline-1",
    buildUrl: "https://circleci.com/gh/acme/api/7",
    startedAt: "2026-01-01T00:00:00.000Z",
    finishedAt: "2026-01-01T00:00:00.000Z",
  });
});

test("says what it is about to do, what it does, and what came of it", async () => {
  const { host } = await push({ tags: {} });
  expect(host.lines).toEqual([
    "Tags of api in the account's registry (eu-central-1):",
    "  tag      rule",
    "  0.1.7    0.1.${CIRCLE_BUILD_NUM}",
    "  develop  branch develop",
    `$ docker login --username AWS --password-stdin ${registry}`,
    `Logged in to ${registry}, for this step alone.`,
    `$ docker buildx build --file ./Dockerfile --tag ${registry}/api:0.1.7 --build-arg API_VERSION=0.1.7 --label org.opencontainers.image.revision=0123456789abcdef --label org.opencontainers.image.source=git@github.com:acme/api.git --label org.opencontainers.image.version=0.1.7 --load --iidfile /tmp/private-1/circleback-image-id .`,
    `Built ${built.id} in 0.0 s.`,
    `$ docker push ${registry}/api:0.1.7`,
    `\`0.1.7\` is ${built.digest}.`,
    `Tagging \`0.1.7\` (${built.digest}) of api as \`develop\`, which is no image now.`,
    `Image:  ${registry}/api@${built.digest}`,
    `Digest: ${built.digest}`,
    "Tags:   0.1.7 develop",
  ]);
});

test("labels an image with no token of the repository's URL", async () => {
  const { commands } = await push({
    tags: {},
    env: { CIRCLE_REPOSITORY_URL: "https://x-access-token:ghs_hush@github.com/acme/api" },
  });
  expect(commands.flatMap(({ args }) => args).filter((word) => word.includes("image.source"))).toEqual([
    "org.opencontainers.image.source=https://github.com/acme/api",
  ]);
});

test("names the record after the job, which may run beside others, and copies it for the workspace", async () => {
  const paths = async (job: string, parameters = {}) => {
    const { host } = await push({ tags: {}, env: { CIRCLE_JOB: job }, parameters });
    return [...host.written.keys()].filter((path) => path.includes("releases"));
  };
  expect(await paths("circleback/ecr-push-1")).toEqual([
    ".circleback/releases/circleback-ecr-push-1.json",
    ".circleback/persisted/.circleback/releases/circleback-ecr-push-1.json",
  ]);
  expect(await paths("build", { release: "api" })).toEqual([
    ".circleback/releases/api.json",
    ".circleback/persisted/.circleback/releases/api.json",
  ]);
});

test("tells jobs apart in the names of their records that a file name cannot tell apart", async () => {
  const nameOf = async (job: string) => {
    const { host } = await push({ tags: {}, env: { CIRCLE_JOB: job } });
    return [...host.written.keys()].find((path) => path.startsWith(".circleback/releases/"))?.slice(21, -5);
  };
  const long = "x".repeat(64);
  const names = await Promise.all(
    ["日本", "中国", "f/日本", "f/中国", `${long}+a`, `${long}+b`, long].map(nameOf),
  );
  expect(names).toEqual([
    expect.stringMatching(/^[0-9a-f]{8}$/),
    expect.stringMatching(/^[0-9a-f]{8}$/),
    expect.stringMatching(/^f--[0-9a-f]{8}$/),
    expect.stringMatching(/^f--[0-9a-f]{8}$/),
    expect.stringMatching(/^x{55}-[0-9a-f]{8}$/),
    expect.stringMatching(/^x{55}-[0-9a-f]{8}$/),
    long,
  ]);
  expect(new Set(names).size).toBe(7);
});

test("keeps what a tag was before it moves it, for a run that is cut short and the one after it", async () => {
  const record = ({ host }: World) => {
    const { digest, previous, finishedAt } = JSON.parse(
      host.written.get(".circleback/releases/image.json") ?? "",
    );
    return { digest, previous, finishedAt };
  };
  const refusal = { status: 400, body: { __type: "ValidationException", message: "no" } };
  const first = await push({ tags: { develop: old }, instead: { "ECR PutImage develop": [refusal] } });
  const kept = { digest: built.digest, previous: { develop: old.digest } };
  expect([first.exit, record(first)]).toEqual([4, { ...kept, finishedAt: null }]);
  const files = {
    ".circleback/releases/image.json": JSON.stringify({ ...record(first), repository: "api" }),
  };
  const second = await push({ tags: { "0.1.7": built, develop: built }, files });
  expect([second.exit, record(second)]).toEqual([0, { ...kept, finishedAt: "2026-01-01T00:00:00.000Z" }]);
  const foreign = {
    ".circleback/releases/image.json": JSON.stringify({ ...record(first), repository: "b" }),
  };
  expect(record(await push({ tags: { develop: built }, files: foreign })).previous).toEqual({});
});

test("keeps what a tag was after the build, which takes its time: another job may have moved it meanwhile", async () => {
  const { host } = await push({
    tags: { "0.1.7": old, develop: other },
    instead: { "ECR BatchGetImage": [answerImages({ "0.1.7": old, develop: old })] },
  });
  const { previous } = JSON.parse(host.written.get(".circleback/releases/image.json") ?? "");
  expect(previous).toEqual({ "0.1.7": old.digest, develop: other.digest });
});

describe("circleback's own files", () => {
  const record = ".circleback/releases/web.json";
  const files = { [record]: "{}", ".dockerignore": "a" };
  const inCheckout = ({ written }: World["host"]) =>
    Object.fromEntries([...written].filter(([path]) => path === record || path.endsWith("ignore")));
  const during =
    (seen: unknown[]): NonNullable<WorldOptions["onCall"]> =>
    (call, host) => {
      if (call === "docker buildx build") seen.push(inCheckout(host));
    };

  test.each<[string, WorldOptions]>([
    ["in the engine", {}],
    ["straight into the registry", { parameters: { cache: "registry" } }],
    ["that fails", { instead: { "docker buildx build": [{ exitCode: 1, output: "no" }] } }],
  ])(
    "are out of the way of a build %s, and back after it; no file of the user's is touched",
    async (_, options) => {
      const seen: unknown[] = [];
      const { host } = await push({ ...options, tags: {}, files, onCall: during(seen) });
      expect([seen, inCheckout(host)]).toEqual([[{ ".dockerignore": "a" }], files]);
    },
  );

  test("are named where they cannot be put back, beside the build's own error", async () => {
    const world = createWorld(definition.parameters, {
      tags: {},
      files,
      parameters: { repository: "api" },
      instead: { "docker buildx build": [{ exitCode: 1, output: "no such stage" }] },
    });
    const refuse: Files["move"] = async (from, to) => {
      if (to === ".circleback") throw new Error("EACCES");
      await world.host.files.move(from, to);
    };
    const host = { ...world.host, files: { ...world.host.files, move: refuse } };
    expect(await runCommand(definition, ecrPush, host)).toBe(1);
    expect(world.host.lines).toEqual(
      expect.arrayContaining([
        "Warning: .circleback was moved to /tmp/private-2/own, and cannot be put back: Error: EACCES",
        "Error: docker build ended with exit code 1: no such stage (docker.build-failed)",
      ]),
    );
    expect(world.host.written.get("/tmp/private-2/own/releases/web.json")).toBe("{}");
  });
});

test("gives the image the user's API_VERSION where there is one", async () => {
  const { commands } = await push({ tags: {}, parameters: { "build-args": "API_VERSION=9\nA=" } });
  const given = commands.flatMap(({ args }) => args.filter((_, index) => args[index - 1] === "--build-arg"));
  expect(given).toEqual(["API_VERSION=9", "A="]);
});

test("looks for layers in the images of all branches with an inline cache", async () => {
  const { commands } = await push({ tags: {}, parameters: { cache: "inline" } });
  const given = commands.flatMap(({ args }) => args.filter((_, index) => args[index - 1] === "--cache-from"));
  expect(given).toEqual(
    ["develop", "preprod", "master"].map((tag) => `type=registry,ref=${registry}/api:${tag}`),
  );
});

test("takes an index for what was built where its digest is what was pushed: it has no configuration", async () => {
  const manifest = '{"schemaVersion":2,"manifests":[]}';
  const index = { id: built.id, manifest, digest: sha256(manifest) };
  const { exit, tags } = await push({ tags: { develop: old }, built: index });
  expect([exit, tags.develop]).toEqual([0, index.digest]);
});

test("calls nothing with more tags than ECR looks at", async () => {
  const tags = Array.from({ length: 100 }, (_, index) => `t${index}`).join("\n");
  const { exit, calls, error } = await push({ parameters: { tags } });
  expect([exit, calls, error]).toEqual([
    2,
    [],
    "Error: There are 101 tags; ECR looks at 100 at once. (parameter.invalid)",
  ]);
});

test.each(["./Dockerfile", "./api"])("follows no link %s out of the checkout", async (path) => {
  const files = { [path]: "-> /elsewhere/x", "./api/Dockerfile": "FROM scratch" };
  const { exit, error, calls } = await push({ files, parameters: path === "./api" ? { path } : {} });
  const name = path === "./api" ? "path" : "dockerfile";
  expect([exit, calls, error]).toEqual([
    2,
    [],
    `Error: \`${name}\` leads out of the checkout: ${path} is a link to /elsewhere/x. (parameter.invalid)`,
  ]);
});

test("gives Docker a configuration of its own, and attests nothing", async () => {
  const { commands } = await push({ tags: {} });
  const builds = commands.filter(({ args }) => args[1] === "build").map(({ env }) => env);
  expect(builds).toEqual([{ DOCKER_CONFIG: "/tmp/private-1", BUILDX_NO_DEFAULT_ATTESTATIONS: "1" }]);
  expect(commands.every(({ env }) => env.DOCKER_CONFIG === "/tmp/private-1")).toBe(true);
});

describe("the time of an image", () => {
  const timesOf = ({ commands }: World) =>
    commands.flatMap(({ args, env }) => {
      const label = args.find((word) => word.startsWith("org.opencontainers.image.created="));
      return args.includes("--file") ? [[label?.split("=")[1] ?? null, env.SOURCE_DATE_EPOCH ?? null]] : [];
    });

  test("is that of the commit, whenever it is built", async () => {
    const world = await push({ tags: {}, commitTime: 1_700_000_000 });
    expect(timesOf(world)).toEqual([["2023-11-14T22:13:20.000Z", "1700000000"]]);
  });

  test("is the one that the job sets", async () => {
    const world = await push({
      tags: {},
      commitTime: 1_700_000_000,
      env: { SOURCE_DATE_EPOCH: "1600000000" },
    });
    expect(timesOf(world)).toEqual([["2020-09-13T12:26:40.000Z", null]]); // buildx has it from the job
  });

  test("is not told where there is no git, or a label tells it", async () => {
    const labels = "org.opencontainers.image.created=today";
    expect([
      timesOf(await push({ tags: {} })),
      timesOf(await push({ tags: {}, commitTime: 1_700_000_000, parameters: { labels } })),
    ]).toEqual([[[null, null]], [["today", "1700000000"]]]);
  });
});
