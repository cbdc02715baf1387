import { describe, expect, test } from "vitest";
import { definition } from "../../../src/commands/ecr-push/definition.ts";
import { ecrPush } from "../../../src/commands/ecr-push/handler.ts";
import { showArgv } from "../../../src/docker/show-argv.ts";
import { runCommand } from "../../../src/run-command.ts";
import { createWorld, image, registry, sha256, type World, type WorldOptions } from "./ecr-world.ts";

async function push(
  options: WorldOptions = {},
): Promise<World & { readonly exit: number; readonly error: string }> {
  const parameters = { repository: "api", ...options.parameters };
  const world = createWorld(definition.parameters, { ...options, parameters });
  const exit = await runCommand(definition, ecrPush, world.host);
  const leftovers = [...world.host.written.keys()].filter((path) => path.startsWith("/tmp/private-"));
  expect(leftovers).toEqual([]);
  expect(world.host.lines.join("\n")).not.toMatch(/password-\d|very-secret/);
  const error = world.host.lines.find((line) => line.startsWith("Error: ")) ?? "";
  return { ...world, tags: world.tags, exit, error };
}

const built = image("new");
const old = image("old");
const other = image("other");

const whole = [
  "ECR GetAuthorizationToken",
  "ECR BatchGetImage 0.1.7 develop",
  `docker login --username AWS --password-stdin ${registry}`,
  "docker buildx version",
  "docker buildx build",
  `docker push ${registry}/api:0.1.7`,
  `docker logout ${registry}`,
  "ECR BatchGetImage 0.1.7 develop",
  "ECR PutImage develop",
];

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
    `$ docker buildx build --file ./Dockerfile --tag ${registry}/api:0.1.7 --build-arg API_VERSION=0.1.7 --label org.opencontainers.image.revision=0123456789abcdef --label org.opencontainers.image.source=git@github.com:acme/api.git --label org.opencontainers.image.version=0.1.7 --load --iidfile /tmp/private-1/image-id .`,
    `Built ${built.id} in 0.0 s.`,
    `$ docker push ${registry}/api:0.1.7`,
    `\`0.1.7\` is ${built.digest}.`,
    `Tagged ${built.digest} as \`develop\`.`,
    `Image:  ${registry}/api@${built.digest}`,
    `Digest: ${built.digest}`,
    "Tags:   0.1.7 develop",
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
  const names = await Promise.all(["日本", "中国", `${long}+a`, `${long}+b`, long].map(nameOf));
  expect(names).toEqual([
    expect.stringMatching(/^[0-9a-f]{8}$/),
    expect.stringMatching(/^[0-9a-f]{8}$/),
    expect.stringMatching(/^x{55}-[0-9a-f]{8}$/),
    expect.stringMatching(/^x{55}-[0-9a-f]{8}$/),
    long,
  ]);
  expect(new Set(names).size).toBe(5);
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

test.each<[string, Record<string, string>, Record<string, string>]>([
  ["no ignore file", {}, { ".dockerignore": ".dockerignore\n.circleback\n" }],
  [
    "two ignore files",
    { ".dockerignore": "a", "./Dockerfile.dockerignore": "b" },
    { ".dockerignore": "a\n.circleback\n", "./Dockerfile.dockerignore": "b\n.circleback\n" },
  ],
])("leaves circleback's own files out of an image, with %s", async (_, files, during) => {
  const ignoring = ({ written }: World["host"]) =>
    Object.fromEntries([...written].filter(([path]) => path.endsWith("ignore")));
  const seen: unknown[] = [];
  const onCall: WorldOptions["onCall"] = (call, host) => {
    if (call === "docker buildx build") seen.push(ignoring(host));
  };
  const { host } = await push({ tags: {}, files, onCall });
  expect([seen, ignoring(host)]).toEqual([[during], files]);
});

test("changes no ignore file where its own files are outside of the build context", async () => {
  const seen: unknown[] = [];
  await push({
    tags: {},
    files: { "./api/Dockerfile": "FROM scratch", "api/.dockerignore": "a" },
    parameters: { path: "api" },
    onCall: (call, { written }) => {
      if (call === "docker buildx build") {
        seen.push(...[...written].filter(([path]) => path.endsWith("ignore")));
      }
    },
  });
  expect(seen).toEqual([["api/.dockerignore", "a"]]);
});

test("gives the image the user's API_VERSION where there is one", async () => {
  const { commands } = await push({ tags: {}, parameters: { "build-args": "API_VERSION=9\nA=" } });
  const given = commands.flatMap(({ args }) => args.filter((_, index) => args[index - 1] === "--build-arg"));
  expect(given).toEqual(["API_VERSION=9", "A="]);
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

test("assumes a role with the job's token, and keeps no key", async () => {
  const { exit, calls, bodies, host } = await push({
    tags: {},
    env: { CIRCLE_OIDC_TOKEN_V2: "very-secret-oidc", AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" },
    parameters: { "role-arn": "arn:aws:iam::123456789012:role/ci" },
  });
  expect([exit, calls]).toEqual([0, ["STS AssumeRoleWithWebIdentity", ...whole]]);
  expect(host.lines).toContain("Assumed arn:aws:iam::123456789012:role/ci.");
  expect(bodies[0]).toEqual({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: "arn:aws:iam::123456789012:role/ci",
    RoleSessionName: "circleback-api-7",
    WebIdentityToken: "very-secret-oidc",
  });
});

test.each<[string, WorldOptions, string]>([
  ["an access key", {}, "AKIDEXAMPLE/eu-central-1 -"],
  [
    "temporary credentials",
    { env: { AWS_SESSION_TOKEN: "very-secret-token" } },
    "AKIDEXAMPLE/eu-central-1 very-secret-token",
  ],
  [
    "credentials in variables of other names",
    {
      env: { SHOP_ID: "AKIDSHOP", SHOP_KEY: "very-secret-key", SHOP_TOKEN: "very-secret-token" },
      parameters: {
        "access-key-id": "SHOP_ID",
        "secret-access-key": "SHOP_KEY",
        "session-token": "SHOP_TOKEN",
      },
    },
    "AKIDSHOP/eu-central-1 very-secret-token",
  ],
  [
    "a role, and not with the keys that are there as well",
    {
      env: { SHOP_OIDC: "very-secret-oidc", AWS_SESSION_TOKEN: "very-secret-token" },
      parameters: { "role-arn": "arn:aws:iam::123456789012:role/ci", "oidc-token": "SHOP_OIDC" },
    },
    "ASIAEXAMPLE/eu-central-1 very-secret-session-token",
  ],
])("calls ECR with %s", async (_, options, caller) => {
  const { exit, callers } = await push({ tags: {}, ...options });
  const url = "https://api.ecr.eu-central-1.amazonaws.com";
  expect([exit, callers]).toEqual([0, Array(4).fill(`${url} ${caller}`)]);
});

test.each([
  [{ AWS_REGION: "", AWS_DEFAULT_REGION: "us-west-2" }, "", "us-west-2"],
  [{ AWS_REGION: "eu-west-1", AWS_DEFAULT_REGION: "us-west-2" }, "", "eu-west-1"],
  [{ AWS_REGION: "eu-west-1", AWS_DEFAULT_REGION: "us-west-2" }, "ap-south-1", "ap-south-1"],
  [{ AWS_REGION: "eu-west-1", OWN: "ca-central-1" }, "${OWN}", "ca-central-1"],
])("with %j and the region %j calls %s", async (env, region, used) => {
  const { callers, host } = await push({ tags: {}, env, parameters: { region } });
  const record = JSON.parse(host.written.get(".circleback/releases/image.json") ?? "");
  expect([callers[0], record.region]).toEqual([
    `https://api.ecr.${used}.amazonaws.com AKIDEXAMPLE/${used} -`,
    used,
  ]);
});

test("keeps every secret that it has or gets out of what a build prints", async () => {
  const password = "password-1";
  const secrets = [
    "very-secret-access-key",
    "very-secret-token",
    password,
    Buffer.from(`AWS:${password}`).toString("base64"),
  ];
  const printed = (options: WorldOptions, texts: readonly string[]) =>
    push({
      ...options,
      tags: {},
      instead: { "docker buildx build": [{ exitCode: 1, output: texts.join("\n") }] },
    });
  const env = { AWS_SESSION_TOKEN: "very-secret-token" };
  const keys = await printed({ env }, secrets);
  const role = await printed(
    {
      env: { CIRCLE_OIDC_TOKEN_V2: "oidc-hush-hush" },
      parameters: { "role-arn": "arn:aws:iam::123456789012:role/ci" },
    },
    ["oidc-hush-hush", "very-secret-session-key", "very-secret-session-token"],
  );
  const between = ({ host }: World) => {
    const start = host.lines.findIndex((line) => line.startsWith("$ docker buildx build"));
    return host.lines.slice(
      start + 1,
      host.lines.findIndex((line) => line.startsWith("Error: ")),
    );
  };
  expect([between(keys), between(role)]).toEqual([Array(4).fill("[secret]"), Array(3).fill("[secret]")]);
});

test("names the account in every call where it is given, and derives the registry from it", async () => {
  const { calls, bodies } = await push({ tags: {}, parameters: { "account-id": "210987654321" } });
  const accounts = bodies.map((body) => (body as { registryId?: string }).registryId);
  expect(accounts).toEqual([undefined, "210987654321", "210987654321", "210987654321"]);
  expect(calls).toContain("docker push 210987654321.dkr.ecr.eu-central-1.amazonaws.com/api:0.1.7");
});

test.each(["127.0.0.1:5000", "registry:5000", "localhost", "vpce-1.dkr.ecr.eu-west-1.vpce.amazonaws.com"])(
  "pushes to the registry that it is told: %s",
  async (registry) => {
    const { calls } = await push({ tags: {}, parameters: { registry } });
    expect(calls.filter((call) => call.startsWith("docker lo") || call.startsWith("docker push"))).toEqual([
      `docker login --username AWS --password-stdin ${registry}`,
      `docker push ${registry}/api:0.1.7`,
      `docker logout ${registry}`,
    ]);
  },
);

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
          "ECR BatchGetImage develop": [
            {
              status: 200,
              body: {
                images: [
                  {
                    registryId: "1",
                    imageId: { imageDigest: built.digest, imageTag: "develop" },
                    imageManifest: built.manifest,
                  },
                ],
              },
            },
          ],
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
        if (call === build) host.files.write("/tmp/private-1/metadata.json", metadata);
      },
    });
    expect([exit, error, tags.develop]).toEqual([
      1,
      `Error: \`0.1.7\` of api is ${other.digest}, and not ${built.digest}: something else has changed it meanwhile. (image.changed)`,
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
      `Error: \`0.1.7\` of api is ${other.digest}, and not ${built.id}: something else has changed it meanwhile. (image.changed)`,
      old.digest,
    ]);
  });

  test("moves no tag where the version is not what was pushed", async () => {
    const { exit, error, tags } = await push({
      tags: { develop: old },
      instead: {
        "docker push": [{ exitCode: 0, output: `0.1.7: digest: ${other.digest} size: 1` }],
        "ECR BatchGetImage": [
          "through",
          {
            status: 200,
            body: {
              images: [
                {
                  registryId: "1",
                  imageId: { imageDigest: old.digest, imageTag: "0.1.7" },
                  imageManifest: old.manifest,
                },
              ],
            },
          },
        ],
      },
    });
    expect([exit, error, tags]).toEqual([
      1,
      `Error: \`0.1.7\` of api is ${old.digest}, and not ${other.digest}: something else has changed it meanwhile. (image.changed)`,
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
});

describe("bad input", () => {
  test("says which variables were looked at where there are no credentials", async () => {
    const env = { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" };
    const { exit, error, calls } = await push({ env });
    expect([exit, error, calls]).toEqual([
      3,
      "Error: There are no credentials for AWS: `role-arn` is empty, and AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set. (aws.unauthorized)",
      [],
    ]);
  });

  test("says which variable lacks the token that the role needs", async () => {
    const parameters = { "role-arn": "arn:aws:iam::123456789012:role/ci", "oidc-token": "SHOP_OIDC" };
    const { exit, error, calls } = await push({ parameters });
    expect([exit, error, calls]).toEqual([
      3,
      "Error: There is no token in SHOP_OIDC to assume arn:aws:iam::123456789012:role/ci with. (aws.unauthorized)",
      [],
    ]);
  });

  test.each<readonly [Readonly<Record<string, string>>, string]>([
    [{ repository: "API" }, 'Parameter `repository` is no name of a repository: "API".'],
    [{ repository: "a//b" }, 'Parameter `repository` is no name of a repository: "a//b".'],
    [{ tags: "a b" }, 'Parameter `tags` has a tag that no registry takes: "a b".'],
    [{ tags: ".a" }, 'Parameter `tags` has a tag that no registry takes: ".a".'],
    [
      { tags: "v$(id)-${CIRCLE_SHA1}" },
      'Parameter `tags` has a tag that no registry takes: "v$(id)-${CIRCLE_SHA1}".',
    ],
    [{ tags: "${NOPE}" }, "Parameter `tags` uses ${NOPE}, but there is no environment variable NOPE."],
    [{ tags: " " }, "Parameter `tags` has no tag."],
    [{ tags: "0.1.${EMPTY}" }, 'Parameter `tags` uses ${EMPTY} in "0.1.${EMPTY}", but EMPTY is empty.'],
    [{ tags: "develop" }, "Both `develop` and `branch develop` make the tag `develop`."],
    [{ tags: "1.0\nmaster" }, "Both `master` and `branch master` make the tag `master`."],
    [{ tags: "1.0\n${ODD}" }, "Both `${ODD}` and `branch preprod` make the tag `preprod`."],
    [
      { tags: "1.0\nbuildcache", cache: "registry" },
      "Both `buildcache` and `cache: registry` make the tag `buildcache`.",
    ],
    [
      { "branch-tags": "main=buildcache", cache: "registry" },
      "Both `branch main` and `cache: registry` make the tag `buildcache`.",
    ],
    [
      { "branch-tags": "${ODD}=preprod\ndevelop=x${EMPTY}" },
      'Parameter `branch-tags` uses ${EMPTY} in "x${EMPTY}", but EMPTY is empty.',
    ],
    [
      { repository: "api${EMPTY}" },
      'Parameter `repository` uses ${EMPTY} in "api${EMPTY}", but EMPTY is empty.',
    ],
    [{ tags: "a/b", "branch-tags": "" }, 'Parameter `tags` has a tag that no registry takes: "a/b".'],
    [{ "branch-tags": "develop" }, 'Parameter `branch-tags` has a line that is not branch=tag: "develop".'],
    [{ "branch-tags": "a=x\na=y" }, 'Parameter `branch-tags` names the branch "a" twice.'],
    [{ "moving-tags": "a b" }, 'Parameter `moving-tags` has a line that is no tag: "a b".'],
    [{ path: "../other" }, 'Parameter `path` leads out of the checkout: "../other".'],
    [{ path: "a/../../b" }, 'Parameter `path` leads out of the checkout: "../b".'],
    [{ path: "/etc" }, 'Parameter `path` leads out of the checkout: "/etc".'],
    [{ dockerfile: "../../Dockerfile" }, '`dockerfile` leads out of the checkout: "../../Dockerfile".'],
    [{ dockerfile: "/etc/Dockerfile" }, '`dockerfile` leads out of the checkout: "/etc/Dockerfile".'],
    [{ dockerfile: "nope/Dockerfile" }, "There is no Dockerfile ./nope/Dockerfile."],
    [{ "build-args": "TOKEN" }, 'Parameter `build-args` has a line that is not NAME=value: "TOKEN".'],
    [{ "build-args": "A=1\nA=2" }, "Parameter `build-args` gives A twice."],
    [{ secrets: "npm=HOME\nnpm=HOME" }, "Parameter `secrets` gives the secret `npm` twice."],
    [{ labels: "a=1\na=2" }, "Parameter `labels` gives a twice."],
    [{ secrets: "npm=NOPE" }, "Parameter `secrets` takes the secret `npm` from NOPE, which is not set."],
    [{ secrets: "npm=x,src=/etc/passwd" }, 'Parameter `secrets` has a line that is not id=ENV_NAME: "npm".'],
    [{ labels: "just words" }, 'Parameter `labels` has a line that is not key=value: "just words".'],
    [{ target: "--push" }, 'Parameter `target` is no name of a stage: "--push".'],
    [{ platforms: "linux" }, 'Parameter `platforms` has something that is no platform: "linux".'],
    [{ region: "Frankfurt" }, 'Parameter `region` is no region of AWS: "Frankfurt".'],
    [{ "account-id": "123" }, 'Parameter `account-id` is no id of an account: "123".'],
    ...[
      "https://x.example",
      "x.example/team",
      "localregistry",
      "x..example",
      "x:70000",
      "-x.example",
      "x.example:",
    ].map(
      (registry) =>
        [{ registry }, `Parameter \`registry\` is no host of a registry: "${registry}".`] as const,
    ),
    [{ "role-arn": "ci" }, 'Parameter `role-arn` is no ARN of a role: "ci".'],
    [{ release: "../x" }, 'Parameter `release` is no name for a release record: "../x".'],
    [
      { "create-repository": "1", "branch-tags": "a=a\nb=b\nc=c\nd=d\ne=e\nf=f" },
      "A new repository would have 7 tags that move; ECR takes 5.",
    ],
  ])("refuses %j before anything is called", async (parameters, message) => {
    const { exit, error, calls } = await push({ parameters, env: { EMPTY: "", ODD: "/preprod" } });
    expect([exit, error, calls]).toEqual([2, `Error: ${message} (parameter.invalid)`, []]);
  });

  test("takes one tag for two branches, and the cache's tag where there is no such cache", async () => {
    const parameters = { tags: "1.0\nbuildcache", "branch-tags": "develop=next\npreprod=next" };
    const { exit, host, tags } = await push({ tags: {}, parameters });
    expect([exit, host.lines[4], Object.keys(tags)]).toEqual([
      0,
      "  next        branch develop",
      ["1.0", "buildcache", "next"],
    ]);
  });

  test.each([
    ["AWS_ENDPOINT_URL", "vpce.example", 'is no http or https URL: "vpce.example"'],
    ["AWS_ENDPOINT_URL_ECR", "ftp://vpce.example", 'is no http or https URL: "ftp://vpce.example"'],
    ["AWS_ENDPOINT_URL", "https://x/?a", 'has a query or a fragment: "https://x/?a"'],
  ])("refuses %s=%s before anything is called", async (variable, url, problem) => {
    for (const parameters of [{}, { "dry-run": "1" }]) {
      const { exit, error, calls } = await push({ env: { [variable]: url }, parameters });
      expect([exit, error, calls]).toEqual([2, `Error: ${variable} ${problem}. (parameter.invalid)`, []]);
    }
  });

  test("refuses to guess a region", async () => {
    const { exit, error } = await push({ env: { AWS_REGION: "" } });
    expect([exit, error]).toEqual([
      2,
      "Error: Parameter `region` is empty, and neither AWS_REGION nor AWS_DEFAULT_REGION is set. (parameter.invalid)",
    ]);
  });

  test("says what is missing where no engine answers", async () => {
    const dead = {
      exitCode: 1,
      output:
        '{"Client":{"Version":"28.2.2"},"Server":null}\nCannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    };
    const { exit, host } = await push({ tags: {}, hasBuildx: false, instead: { "docker version": [dead] } });
    expect([exit, host.lines.slice(-3)]).toEqual([
      4,
      [
        "Error: No Docker engine answers: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running? (docker.unreachable)",
        "  - Put the step `setup_remote_docker` before this one, or run the job on a machine executor.",
        "  - Where DOCKER_HOST is set, check that its engine answers: docker version.",
      ],
    ]);
  });

  test("tells of the engine first where it keeps Docker from logging in, too", async () => {
    const silent = { exitCode: 1, output: "no answer within 60 s" };
    const { exit, error } = await push({
      tags: {},
      hasBuildx: false,
      instead: { "docker login": [silent, silent, silent], "docker version": [silent] },
    });
    expect([exit, error]).toEqual([
      4,
      "Error: No Docker engine answers: no answer within 60 s (docker.unreachable)",
    ]);
  });

  test("says what is missing where there is no Docker at all", async () => {
    const { exit, error } = await push({
      tags: {},
      instead: { "docker version": [null], "docker buildx version": [null] },
    });
    expect([exit, error]).toEqual([5, "Error: There is no program `docker` in this job. (docker.missing)"]);
  });

  test("says what needs buildx where there is none", async () => {
    const { exit, error, calls } = await push({
      tags: {},
      hasBuildx: false,
      parameters: { platforms: "linux/amd64,linux/arm64", provenance: "max" },
    });
    expect([exit, error, calls.includes("docker build")]).toEqual([
      2,
      "Error: Docker's plug-in buildx is not in this job, and `platforms` and `provenance: max` cannot do without. (docker.too-old)",
      false,
    ]);
  });

  test("warns of a build argument that looks like a credential, and keeps it out of the log", async () => {
    const { exit, host } = await push({
      tags: {},
      env: { NPM_TOKEN: "npm-hush-hush" },
      parameters: {
        "build-args": "NPM=${NPM_TOKEN}\nDB_PASSWORD=hunter22\nKEY=AKIAIOSFODNN7EXAMPLE\nMODE=fast",
      },
    });
    const log = host.lines.join("\n");
    expect([exit, log.match(/hush|hunter22|AKIAIOSFODNN7EXAMPLE/), log.match(/Warning: .*? \(/g)]).toEqual([
      0,
      null,
      [
        "Warning: The build argument NPM looks like a credential (",
        "Warning: The build argument DB_PASSWORD looks like a credential (",
        "Warning: The build argument KEY looks like a credential (",
      ],
    ]);
    expect(log).toContain("--build-arg MODE=fast");
  });

  test("takes no switch for a credential, and hides none", async () => {
    const { host } = await push({
      tags: {},
      parameters: { "build-args": "OAUTH=1\nUSE_TOKEN=true\nAUTH_PORT=8080" },
    });
    const log = host.lines.join("\n");
    expect(log).not.toMatch(/secret|Warning/);
    expect(log).toContain("--build-arg OAUTH=1 --build-arg USE_TOKEN=true --build-arg AUTH_PORT=8080");
  });

  test("warns of a password in a URL", async () => {
    const { host } = await push({
      tags: {},
      parameters: { "build-args": "DB=postgres://shop:hunter2@db/shop" },
    });
    expect(
      host.lines.join("\n").match(/hunter2|The build argument DB looks like a credential \(by its form\)/g),
    ).toEqual(["The build argument DB looks like a credential (by its form)"]);
  });

  test("hides the secrets of a build that prints them", async () => {
    const { exit, host } = await push({
      tags: {},
      env: { NPM_TOKEN: "hush-hush" },
      parameters: { secrets: "npm=NPM_TOKEN" },
      instead: { "docker buildx build": [{ exitCode: 1, output: "#5 hush-hush" }] },
    });
    expect([exit, host.lines.filter((line) => /hush|\[secret\]/.test(line))]).toEqual([
      1,
      ["#5 [secret]", "Error: docker build ended with exit code 1: #5 [secret] (docker.build-failed)"],
    ]);
  });

  test.each([
    ["npm_0123456789012345678901234567890123456", "has a secret itself for `npm`"],
    ["constructor", "takes the secret `npm` from constructor, which is not set"],
  ])("takes no secret from %s", async (variable, says) => {
    const { exit, host } = await push({ parameters: { secrets: `npm=${variable}` } });
    expect([exit, host.lines[0]]).toEqual([
      2,
      `Error: Parameter \`secrets\` ${says}${says.startsWith("has") ? ", not the name of an environment variable" : ""}. (parameter.invalid)`,
    ]);
    expect(host.lines.join("\n")).not.toContain("npm_0123");
  });

  test("knows no variable of the language", async () => {
    const { exit, error } = await push({ parameters: { tags: "v-${constructor}" } });
    expect([exit, error]).toEqual([
      2,
      "Error: Parameter `tags` uses ${constructor}, but there is no environment variable constructor. (parameter.invalid)",
    ]);
  });
});

const branches = [
  "feature/$(touch pwned)",
  "feature/$(touch${IFS}pwned)",
  "`touch pwned`",
  "it's",
  'say "hi"',
  "a\nb\ntouch pwned",
  "*",
  "--help",
  "-v /:/host",
  "${AWS_SECRET_ACCESS_KEY}",
  "%s%n",
  "\u{1f600}",
  "<<x>>",
  "develop=develop",
  "x".repeat(300),
];

test.each(branches)("takes the branch %j for a text and nothing else", async (branch) => {
  const { exit, commands, tags, host } = await push({
    tags: {},
    env: { CIRCLE_BRANCH: branch },
    parameters: { tags: "0.1.7\n${CIRCLE_BRANCH}", labels: "branch=${CIRCLE_BRANCH}" },
  });
  expect([exit, Object.keys(tags).length]).toEqual([0, 2]);
  for (const tag of Object.keys(tags)) expect(tag).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/);
  const [build] = commands.filter(({ args }) => args[1] === "build").map(({ args }) => args);
  expect(build).toContain(`branch=${branch}`);
  expect(JSON.parse(host.written.get(".circleback/releases/image.json") ?? "").branch).toBe(branch);
});

describe("a dry run", () => {
  const role = {
    env: { CIRCLE_OIDC_TOKEN_V2: "very-secret-oidc", AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" },
    parameters: { "role-arn": "arn:aws:iam::123456789012:role/ci" },
  };
  const secrets = { env: { NPM_TOKEN: "hush-hush" }, parameters: { secrets: "npm=NPM_TOKEN" } };

  test("calls nothing and starts nothing, needs no credentials, and says all that would be", async () => {
    const { exit, calls, commands, host } = await push({
      env: { AWS_ACCESS_KEY_ID: "" },
      commitTime: 1_700_000_000,
      parameters: { "dry-run": "1", "create-repository": "1", "account-id": "123456789012" },
    });
    const ids =
      '{"registryId":"123456789012","repositoryName":"api","imageIds":[{"imageTag":"0.1.7"},{"imageTag":"develop"}],"acceptedMediaTypes":["application/vnd.docker.distribution.manifest.v2+json","application/vnd.docker.distribution.manifest.list.v2+json","application/vnd.oci.image.manifest.v1+json","application/vnd.oci.image.index.v1+json"]}';
    const filters = ["develop", "preprod", "master", "production"]
      .map((filter) => `{"filterType":"WILDCARD","filter":"${filter}"}`)
      .join(",");
    const build = `build --file ./Dockerfile --tag ${registry}/api:0.1.7 --build-arg API_VERSION=0.1.7 --label org.opencontainers.image.created=TIME --label org.opencontainers.image.revision=0123456789abcdef --label org.opencontainers.image.source=git@github.com:acme/api.git --label org.opencontainers.image.version=0.1.7`;
    expect([exit, calls, commands]).toEqual([0, [], []]);
    expect(host.lines).toEqual([
      `Tags of api in ${registry} (eu-central-1):`,
      "  tag      rule",
      "  0.1.7    0.1.${CIRCLE_BUILD_NUM}",
      "  develop  branch develop",
      "Dry run: of what follows, nothing is called and nothing is started.",
      "  ECR is at https://api.ecr.eu-central-1.amazonaws.com",
      "  ECR GetAuthorizationToken {}",
      `  ECR BatchGetImage ${ids}`,
      "  where there is no such repository:",
      `    ECR CreateRepository {"registryId":"123456789012","repositoryName":"api","imageTagMutability":"IMMUTABLE_WITH_EXCLUSION","imageTagMutabilityExclusionFilters":[${filters}],"imageScanningConfiguration":{"scanOnPush":true}}`,
      "  docker with DOCKER_CONFIG=FOLDER, a private folder that is removed after it:",
      `  $ docker login --username AWS --password-stdin ${registry}`,
      "  $ docker buildx version",
      "  where that fails:",
      "    $ docker version --format '{{json .}}'",
      "  $ git show --no-patch --no-show-signature --format=%ct HEAD",
      `  $ BUILDX_NO_DEFAULT_ATTESTATIONS=1 SOURCE_DATE_EPOCH=SECONDS docker buildx ${build} --load --iidfile FOLDER/image-id .`,
      "  or, without buildx:",
      `    $ docker ${build} --iidfile FOLDER/image-id .`,
      "  unless `0.1.7` is that image already:",
      `    $ docker push ${registry}/api:0.1.7`,
      `  $ docker logout ${registry}`,
      `  ECR BatchGetImage ${ids}`,
      "  unless `develop` is that image already:",
      '    ECR PutImage {"registryId":"123456789012","repositoryName":"api","imageManifest":"MANIFEST","imageManifestMediaType":"TYPE","imageTag":"develop","imageDigest":"DIGEST"}',
    ]);
    expect(JSON.parse(host.written.get(".circleback/releases/image.json") ?? "")).toMatchObject({
      dryRun: true,
      image: null,
      digest: null,
      tags: ["0.1.7", "develop"],
    });
  });

  test("sets apart what is done only where the version is absent", async () => {
    const { host } = await push({ parameters: { "dry-run": "1", "skip-build": "1" } });
    const lines = host.lines.filter((line) => line.startsWith("  ") && !line.startsWith("    "));
    expect(lines.slice(6)).toEqual([
      "  where `0.1.7` is absent:",
      "  unless `develop` is that image already:",
    ]);
  });

  test("asks git nothing where the job sets the time", async () => {
    const env = { SOURCE_DATE_EPOCH: "1600000000" };
    const { host } = await push({ env, parameters: { "dry-run": "1" } });
    const log = host.lines.join("\n");
    expect(log).not.toContain("git show");
    expect(log).toContain("org.opencontainers.image.created=2020-09-13T12:26:40.000Z");
  });

  test.each<[string, WorldOptions]>([
    ["keys", {}],
    ["a role", role],
    ["no repository yet", { tags: null, parameters: { "create-repository": "1" } }],
    ["an account and a registry", { parameters: { "account-id": "210987654321", registry: "r.example" } }],
    ["no buildx", { hasBuildx: false }],
    ["a secret and no buildx", { hasBuildx: false, client: "20.10.24", ...secrets }],
    ["a cache", { parameters: { cache: "registry", provenance: "max" } }],
    ["an absent version", { parameters: { "skip-build": "1" } }],
  ])("says what a run then does, in its order, with %s", async (_, options) => {
    const dry = await push({ ...options, parameters: { ...options.parameters, "dry-run": "1" } });
    const said = dry.host.lines.map((line) => line.trim().replaceAll("REGISTRY", registry));
    const real = await push({ tags: {}, ...options, env: { ...options.env, SOURCE_DATE_EPOCH: "1" } });
    const calls = real.calls.filter((call) => !call.startsWith("docker "));
    const api = calls.map((call, index) => {
      const body = real.bodies[index] as Record<string, unknown>;
      const shown = {
        ...body,
        ...("imageManifest" in body && {
          imageManifest: "MANIFEST",
          imageManifestMediaType: "TYPE",
          imageDigest: "DIGEST",
        }),
        ...("WebIdentityToken" in body && { WebIdentityToken: "TOKEN" }),
      };
      return `${call.split(" ").slice(0, 2).join(" ")} ${JSON.stringify(shown)}`;
    });
    const docker = real.commands.map(({ args, env: { DOCKER_CONFIG: folder = "", ...env } }) => {
      const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
      return `$ ${showArgv([...variables, "docker", ...args])}`
        .replaceAll(folder, "FOLDER")
        .replace("created=1970-01-01T00:00:01.000Z", "created=TIME");
    });
    const withoutEpoch = said.map((line) => line.replace("SOURCE_DATE_EPOCH=SECONDS ", ""));
    expect([real.exit, api.length > 3, docker.length > 3]).toEqual([0, true, true]);
    expect(inOrder(withoutEpoch, api)).toEqual(api);
    expect(inOrder(withoutEpoch, docker)).toEqual(docker);
  });
});

/** Those that are found one after the other. */
function inOrder(lines: readonly string[], wanted: readonly string[]): readonly string[] {
  let at = 0;
  return wanted.filter((each) => {
    const found = lines.indexOf(each, at);
    at = found < 0 ? at : found + 1;
    return found >= 0;
  });
}
