import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { bundleFile } from "../support/bundle.ts";
import { hasEngine, hasRegistry, openEcr, openEngine } from "../support/delivery.ts";
import { userCredentials } from "../support/ecr-model/ecr-model.ts";
import { makeFolder } from "../support/folders.ts";
import { openJob, push } from "../support/push.ts";
import { run } from "../support/run.ts";
import { parameterVariables } from "../support/service.ts";
import { hasPrograms } from "../support/toolbox.ts";

/** Input that is wrong, and input that means to be. */

const repositories = { "acme/shop": {} };
const canPush = [hasRegistry(), hasEngine()].every(Boolean);

describe.runIf(canPush).concurrent("nothing is called", () => {
  test.each<[name: string, parameters: Record<string, string>, env: Record<string, string>, says: string]>([
    ["without a region", {}, { AWS_REGION: "" }, "neither AWS_REGION nor AWS_DEFAULT_REGION is set"],
    ["with a region that is none", { region: "Ireland" }, {}, 'is no region of AWS: "Ireland"'],
    [
      "with a repository against the grammar",
      { repository: "Acme/Shop" },
      {},
      'is no name of a repository: "Acme/Shop"',
    ],
    ["with a tag against the grammar", { tags: "a b" }, {}, 'has a tag that no registry takes: "a b"'],
    ["with a tag of an unknown variable", { tags: "${NOWHERE}" }, {}, "NOWHERE"],
    ["with the same tag twice", { tags: "1.0\n${V}" }, { V: "1.0" }, "make the tag `1.0`"],
    ["with a path outside the checkout", { path: "../other" }, {}, 'leads out of the checkout: "../other"'],
    [
      "with a Dockerfile outside the checkout",
      { dockerfile: "../Dockerfile" },
      {},
      "leads out of the checkout",
    ],
    [
      "with a build argument without a value",
      { "build-args": "NOTE" },
      {},
      "has a line that is not NAME=value: line 1",
    ],
    ["with a Dockerfile that is missing", { dockerfile: "gone" }, {}, "There is no Dockerfile ./gone."],
    ["with a secret that is not there", { secrets: "npm=NPM_TOKEN" }, {}, "NPM_TOKEN"],
  ])("%s", async (_, parameters, env, says) => {
    const { model } = await openEcr({ repositories });
    const job = openJob({ model, engine: await openEngine(), env });
    const { exitCode, errorCode, stderr } = await push(job, parameters);
    expect([exitCode, errorCode, model.calls, model.registryCalls, job.leftovers()]).toEqual([
      2,
      "parameter.invalid",
      [],
      [],
      [],
    ]);
    expect(stderr).toContain(says);
  });

  test("without credentials, and says which variables were looked at", async () => {
    const { model } = await openEcr({ repositories });
    const job = openJob({ model, env: { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" } });
    const { exitCode, errorCode, stderr } = await push(job, { "secret-access-key": "SHOP_SECRET" });
    expect([exitCode, errorCode, model.calls]).toEqual([3, "aws.unauthorized", []]);
    expect(stderr).toContain("AWS_ACCESS_KEY_ID and SHOP_SECRET are not set");
  });

  test("but the login where what is asked for needs buildx", async () => {
    const { model } = await openEcr({ repositories });
    const job = openJob({ model, engine: await openEngine() });
    const { exitCode, errorCode, stderr } = await push(job, { platforms: "linux/amd64,linux/arm64" });
    const calls = model.registryCalls.filter((call) => !call.startsWith("GET /v2/ "));
    expect([exitCode, errorCode, calls, job.leftovers()]).toEqual([2, "docker.too-old", [], []]);
    expect(stderr).toContain("`platforms` cannot do without");
  });
});

describe.runIf(canPush).concurrent("nothing is executed", () => {
  const marks = ["$(touch pwned)", "`touch pwned`", "; touch pwned;", "| touch pwned", "& touch pwned &"];
  const corpus: readonly string[] = [
    ...marks.map((mark) => `feature/${mark}`),
    "feature/$(touch${IFS}pwned)",
    "feature/${PATH}",
    'a"; touch pwned; "',
    "a'; touch pwned; '",
    "line\ntouch pwned\n",
    "*",
    "--push",
    "-f/etc/passwd",
    "x".repeat(300),
    "<< pipeline.id >>",
    "\\$(touch pwned)",
    "ünïcödé/日本",
  ];

  test("of what stands in names of branches, as tags, arguments and labels, and all of it arrives as it is", async () => {
    const { model } = await openEcr({ repositories });
    const engine = await openEngine();
    const env = Object.fromEntries(corpus.map((text, index) => [`HOSTILE_${index}`, text]));
    const job = openJob({
      model,
      engine,
      env: { ...env, CIRCLE_BRANCH: corpus[0] ?? "" },
      files: { Dockerfile: `FROM busybox:stable\n${corpus.map((_, index) => `ARG A${index}\n`).join("")}` },
    });
    const list = (line: (name: string, index: number) => string) => Object.keys(env).map(line).join("\n");
    const { exitCode, stderr } = await push(job, {
      tags: `1.0\n${list((name, index) => `t${index}-\${${name}}`)}`,
      "branch-tags": `${corpus[0]}=moving`,
      "build-args": list((name, index) => `A${index}=\${${name}}`),
      labels: list((name, index) => `l${index}=\${${name}}`),
    });
    const tags = await model.tags("acme/shop");
    const labels = JSON.parse(
      await engine.docker([
        "inspect",
        "--format",
        "{{json .Config.Labels}}",
        `${model.registryAddress}/acme/shop:1.0`,
      ]),
    );
    expect([stderr, exitCode, corpus.map((_, index) => labels[`l${index}`])]).toEqual(["", 0, corpus]);
    expect(Object.keys(tags)).toContain("moving");
    expect(Object.keys(tags).filter((tag) => !/^\w[\w.-]{0,127}$/.test(tag))).toEqual([]);
    expect(existsSync(join(job.directory, "pwned"))).toBe(false);
  });
});

describe.runIf(canPush && hasPrograms("strace")).concurrent("a secret", () => {
  test("is in no argument of any process, in no output and in no image", async () => {
    const { model } = await openEcr({ repositories });
    const engine = await openEngine();
    const secret = "the-secret-of-the-build";
    const job = openJob({
      model,
      engine,
      files: {
        Dockerfile:
          "FROM busybox:stable\nRUN --mount=type=secret,id=npm grep -q ^the-secret /run/secrets/npm\n",
      },
      env: { NPM_TOKEN: secret },
    });
    const trace = join(makeFolder(), "trace");
    const program = [process.execPath, await bundleFile("ecr-push")];
    const variables = await parameterVariables("ecr-push", {
      repository: "acme/shop",
      secrets: "npm=NPM_TOKEN",
    });
    const { exitCode, output } = await run(
      "strace",
      ["--follow-forks", "--trace=execve", "--string-limit=100000", `--output=${trace}`, ...program],
      { cwd: job.directory, env: { ...job.env, ...variables } },
    );
    const started = readFileSync(trace, "utf8");
    const passwords = model.issuedPasswords;
    expect([exitCode, Object.keys(await model.tags("acme/shop")), passwords.length]).toEqual([
      0,
      ["0.1.7"],
      1,
    ]);
    expect(started).toContain('"--password-stdin"');
    const image = `${model.registryAddress}/acme/shop:0.1.7`;
    expect(await engine.docker(["history", "--no-trunc", image])).not.toContain(secret);
    for (const hidden of [secret, userCredentials.secretAccessKey, ...passwords]) {
      expect([started.includes(hidden), output.includes(hidden)]).toEqual([false, false]);
    }
  });

  test("given as a build argument is warned of, and hidden from the log", async () => {
    const { model } = await openEcr({ repositories });
    const job = openJob({
      model,
      engine: await openEngine(),
      env: { NPM_TOKEN: "the-token-of-npm" },
      files: { Dockerfile: "FROM busybox:stable\nARG NPM_TOKEN\n" },
    });
    const { exitCode, stdout, stderr } = await push(job, { "build-args": "NPM_TOKEN=${NPM_TOKEN}" });
    expect([exitCode, `${stdout}${stderr}`.includes("the-token-of-npm")]).toEqual([0, false]);
    expect(stderr).toContain("The build argument NPM_TOKEN looks like a credential");
  });
});
