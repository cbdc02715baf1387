import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { hasEngine, hasRegistry, openEcr, openEngine, openRegistry } from "../support/delivery.ts";
import type { EcrModel } from "../support/ecr-model/ecr-model.ts";
import {
  commitFiles,
  dockerfile,
  type Job,
  type JobOptions,
  openJob,
  promote,
  push,
} from "../support/push.ts";

import { run } from "../support/run.ts";

/** The built program against a real Docker engine, a real registry and the model of ECR before it. */

const versionsStay = {
  "acme/shop": {
    imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
    imageTagMutabilityExclusionFilters: [{ filterType: "WILDCARD", filter: "develop" }],
  },
};

async function open(
  options: Omit<JobOptions, "model"> = {},
  ecr: Parameters<typeof openEcr>[0] = { repositories: versionsStay },
): Promise<{ readonly model: EcrModel; readonly job: Job }> {
  const [{ model }, engine] = await Promise.all([openEcr(ecr), openEngine()]);
  return { model, job: openJob({ model, engine, ...options }) };
}

const canPush = [hasRegistry(), hasEngine()].every(Boolean);

describe.runIf(canPush).concurrent("ecr-push", () => {
  test("pushes the version, moves the branch's tag to it, tells all of it, and leaves nothing behind", async () => {
    const { model, job } = await open({ env: { CIRCLE_BRANCH: "develop" } });
    const { exitCode, stdout, stderr } = await push(job, {
      tags: "0.1.${CIRCLE_BUILD_NUM}\ncommit-${CIRCLE_SHA1}",
    });
    const commit = `commit-${job.env.CIRCLE_SHA1}`;
    const tags = await model.tags("acme/shop");
    const digest = tags["0.1.7"] ?? "";
    expect([exitCode, stderr, tags, job.leftovers(), readdirSync(job.directory)]).toEqual([
      0,
      "",
      { "0.1.7": digest, [commit]: digest, develop: digest },
      [],
      [".circleback", "Dockerfile"],
    ]);
    expect(model.calls).toEqual([
      "GetAuthorizationToken 200",
      "BatchGetImage 200",
      "BatchGetImage 200",
      "PutImage 200",
      "PutImage 200",
    ]);
    // What the README's policy allows, and not a bit more.
    expect(model.permissions).toEqual([
      "ecr:BatchCheckLayerAvailability",
      "ecr:BatchGetImage",
      "ecr:CompleteLayerUpload",
      "ecr:GetAuthorizationToken",
      "ecr:InitiateLayerUpload",
      "ecr:PutImage",
      "ecr:UploadLayerPart",
    ]);
    const image = `registry/acme/shop@${digest}`;
    expect(job.withNames(stdout).trimEnd().split("\n").slice(-3)).toEqual([
      `Image:  ${image}`,
      `Digest: ${digest}`,
      `Tags:   0.1.7 ${commit} develop`,
    ]);
    expect(job.withNames(job.read("bash-env") ?? "")).toBe(
      [
        `export CIRCLEBACK_IMAGE='${image}'`,
        `export CIRCLEBACK_IMAGE_DIGEST='${digest}'`,
        `export CIRCLEBACK_IMAGE_TAGS='0.1.7 ${commit} develop'`,
        "",
      ].join("\n"),
    );
    expect(JSON.parse(job.withNames(job.read(".circleback/releases/image.json") ?? ""))).toEqual({
      schema: 1,
      action: "push",
      dryRun: false,
      version: "0.1.7",
      image,
      digest,
      registry: "registry",
      repository: "acme/shop",
      region: "eu-west-1",
      tags: ["0.1.7", commit, "develop"],
      previous: {},
      commit: job.env.CIRCLE_SHA1,
      branch: "develop",
      pipeline: "pipeline-1",
      buildUrl: "https://circleci.com/gh/acme/shop/7",
      startedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      finishedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });

  test("gives the image its version as a build argument, and the OCI's labels", async () => {
    const { model, job: files } = await open({
      files: {
        "service/Dockerfile.prod":
          'FROM busybox:stable AS base\nFROM base AS web\nARG API_VERSION\nARG NOTE\nRUN echo "$API_VERSION $NOTE" >/version\nFROM base\n',
      },
      env: { NOTE: "it's $HOME" },
    });
    const job = commitFiles(files, 1_700_000_000);
    const parameters = {
      path: "service",
      dockerfile: "Dockerfile.prod",
      target: "web",
      "build-args": "NOTE=${NOTE}",
      labels: "team=shop",
    };
    const { exitCode } = await push(job, parameters);
    const engine = await openEngine();
    const image = `${model.registryAddress}/acme/shop:0.1.7`;
    const said = await engine.docker([
      "run",
      "--rm",
      "--network=none",
      image,
      "/bin/busybox",
      "cat",
      "/version",
    ]);
    const labels = JSON.parse(await engine.docker(["inspect", "--format", "{{json .Config.Labels}}", image]));
    expect([exitCode, said, labels]).toEqual([
      0,
      "0.1.7 it's $HOME\n",
      {
        team: "shop",
        "org.opencontainers.image.revision": job.env.CIRCLE_SHA1,
        "org.opencontainers.image.source": expect.stringContaining("github.com"),
        "org.opencontainers.image.version": "0.1.7",
        "org.opencontainers.image.created": "2023-11-14T22:13:20.000Z",
      },
    ]);
  });

  test("does nothing twice: the same commit again is a success without a push", async () => {
    const { model, job: files } = await open({ env: { CIRCLE_BRANCH: "develop" } });
    const job = commitFiles(files, 1_700_000_000);
    await push(job);
    const before = [model.calls.length, model.registryCalls.length, await model.tags("acme/shop")] as const;
    const { exitCode, stdout } = await push(job);
    expect([exitCode, model.calls.slice(before[0]), await model.tags("acme/shop")]).toEqual([
      0,
      ["GetAuthorizationToken 200", "BatchGetImage 200", "BatchGetImage 200"],
      before[2],
    ]);
    expect(stdout).toContain("`0.1.7` is this image already");
    const pushed = model.registryCalls.slice(before[1]).filter((call) => /^(PUT|POST|PATCH) /.test(call));
    expect(pushed).toEqual([]);
  });

  test.each([
    ["BuildKit", "1"],
    ["the classic builder", "0"],
  ])("makes the same image twice in one checkout that is copied whole, with %s", async (_, buildKit) => {
    const files = { Dockerfile: "FROM busybox:stable\nCOPY . /app\n", ".dockerignore": "x" };
    const { job } = await open({ files, env: { DOCKER_BUILDKIT: buildKit } });
    const runs = [await push(job), await push(job)];
    expect(runs.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(runs[1]?.stdout).toContain("`0.1.7` is this image already");
    expect(job.read(".dockerignore")).toBe("x");
  });

  test("finds a private base image by the login of a step before", async () => {
    const [{ address, user, password }, engine] = await Promise.all([openRegistry(), openEngine()]);
    const base = `${address}/base:private`;
    const { model, job } = await open({ files: { Dockerfile: `FROM ${base}\nLABEL a=b\n` } });
    const client = { env: { ...job.env, DOCKER_HOST: engine.host }, input: password };
    const login = ["login", "--username", user, "--password-stdin", address];
    expect(await run("docker", login, client)).toMatchObject({ exitCode: 0 });
    await engine.docker(["tag", "busybox:stable", base]);
    expect(await run("docker", ["push", base], client)).toMatchObject({ exitCode: 0 });
    await engine.docker(["rmi", base]);
    const { exitCode } = await push(job);
    expect([exitCode, Object.keys(await model.tags("acme/shop"))]).toEqual([0, ["0.1.7"]]);
  });

  test("finishes what a run before it left undone", async () => {
    const { model, job } = await open({ env: { CIRCLE_BRANCH: "develop" } });
    model.fail({ action: "PutImage", code: "ValidationException" });
    const first = await push(job);
    const between = Object.keys(await model.tags("acme/shop"));
    const second = await push(job);
    const tags = await model.tags("acme/shop");
    expect([first.exitCode, between, second.exitCode, tags.develop]).toEqual([
      4,
      ["0.1.7"],
      0,
      tags["0.1.7"],
    ]);
  });

  test("names both images where an immutable version is another one, and moves no tag", async () => {
    const { model, job } = await open({ env: { CIRCLE_BRANCH: "develop" } });
    await push(job, { "branch-tags": "" });
    const before = await model.tags("acme/shop");
    const other = openJob({
      model,
      engine: await openEngine(),
      files: { Dockerfile: dockerfile("two") },
      env: { CIRCLE_BRANCH: "develop" },
    });
    const { exitCode, errorCode, stderr } = await push(other);
    expect([exitCode, errorCode, await model.tags("acme/shop"), other.read("bash-env")]).toEqual([
      1,
      "image.conflict",
      before,
      null,
    ]);
    expect(stderr).toContain(`it is ${before["0.1.7"]}, and cannot become the image that was built (sha256:`);
  });

  test("skips the build where the version is there, and brings the other tags to it", async () => {
    const { model, job } = await open();
    await push(job);
    const { "0.1.7": digest } = await model.tags("acme/shop");
    // No engine is needed for that.
    const later = openJob({ model, env: { CIRCLE_BRANCH: "develop" } });
    const { exitCode } = await push(later, { "skip-build": "true" });
    expect([exitCode, await model.tags("acme/shop")]).toEqual([0, { "0.1.7": digest, develop: digest }]);
  });

  test("remembers what a moving tag was, for a rollback", async () => {
    const { model, job } = await open({ env: { CIRCLE_BRANCH: "develop" } });
    await push(job);
    const { develop } = await model.tags("acme/shop");
    const next = openJob({
      model,
      engine: await openEngine(),
      files: { Dockerfile: dockerfile("two") },
      env: { CIRCLE_BRANCH: "develop", CIRCLE_BUILD_NUM: "8" },
    });
    await push(next);
    const { previous } = JSON.parse(next.read(".circleback/releases/image.json") ?? "{}");
    expect(previous).toEqual({ develop });
  });

  test("creates the repository where it is wanted: versions stay, branches move, images are scanned", async () => {
    const { model, job } = await open({}, {});
    const { exitCode } = await push(job, { "create-repository": "true" });
    expect([exitCode, model.repositories.get("acme/shop")]).toEqual([
      0,
      {
        name: "acme/shop",
        createdAt: expect.any(Number),
        imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters: ["develop", "preprod", "master", "production"].map((filter) => ({
          filterType: "WILDCARD",
          filter,
        })),
        scanOnPush: true,
        encryptionType: "AES256",
      },
    ]);
  });

  test("creates one in which promotions move their tag, and nothing moves a version", async () => {
    const { model, job } = await open({}, {});
    await push(job, { "create-repository": "true" });
    const next = openJob({
      model,
      engine: await openEngine(),
      files: { Dockerfile: dockerfile("two") },
      env: { CIRCLE_BUILD_NUM: "8" },
    });
    await push(next);
    const promotions = [
      await promote(job, { from: "0.1.7", to: "production" }),
      await promote(job, { from: "0.1.8", to: "production" }),
      await promote(job, { from: "0.1.8", to: "0.1.7" }),
    ];
    const tags = await model.tags("acme/shop");
    expect([promotions.map(({ exitCode }) => exitCode), tags.production]).toEqual([[0, 0, 1], tags["0.1.8"]]);
    expect(tags["0.1.7"]).not.toBe(tags["0.1.8"]);
  });

  test("lets one of two images have the version that both come for at once, though they are built on one engine", async () => {
    const { model, job } = await open({ env: { CIRCLE_BRANCH: "develop" } });
    const other = openJob({
      model,
      engine: await openEngine(),
      files: { Dockerfile: dockerfile("two") },
      env: { CIRCLE_BRANCH: "develop" },
    });
    const results = await Promise.all([push(job), push(other)]);
    const winner = results.find(({ exitCode }) => exitCode === 0);
    const tags = await model.tags("acme/shop");
    expect(results.map(({ exitCode }) => exitCode).sort()).toEqual([0, 1]);
    expect(winner?.stdout).toContain(`Digest: ${tags["0.1.7"]}`);
    expect(tags.develop).toBe(tags["0.1.7"]);
  });

  test("is a success for both where one image comes twice at once", async () => {
    const { model, job } = await open({ env: { CIRCLE_BRANCH: "develop" } });
    const twin = openJob({ model, engine: await openEngine(), env: { CIRCLE_BRANCH: "develop" } });
    const results = await Promise.all([push(job), push(twin)]);
    const tags = await model.tags("acme/shop");
    expect([results.map(({ exitCode }) => exitCode), tags.develop]).toEqual([[0, 0], tags["0.1.7"]]);
  });

  test("does not create it unasked", async () => {
    const { model, job } = await open({}, {});
    const { exitCode, errorCode } = await push(job);
    expect([exitCode, errorCode, model.repositories.size, model.registryCalls]).toEqual([
      5,
      "repository.not-found",
      0,
      [],
    ]);
  });

  test.each([
    ["ecr:GetAuthorizationToken", []],
    ["ecr:BatchGetImage", ["ecr:GetAuthorizationToken"]],
    ["ecr:CreateRepository", ["ecr:GetAuthorizationToken", "ecr:BatchGetImage"]],
  ])("says that %s is not allowed, and takes nothing for absent", async (action, allowed) => {
    const { model, job } = await open({}, { allowed });
    const { exitCode, errorCode, stderr } = await push(job, { "create-repository": "true" });
    expect([exitCode, errorCode, model.repositories.size]).toEqual([3, "aws.unauthorized", 0]);
    expect(stderr).toContain(`is not authorized to perform: ${action}`);
  });

  test("says which permission a push lacks", async () => {
    const { model, job } = await open(
      {},
      { repositories: versionsStay, allowed: ["ecr:GetAuthorizationToken", "ecr:BatchGetImage"] },
    );
    const { exitCode, errorCode, stderr } = await push(job);
    expect([exitCode, errorCode, await model.tags("acme/shop"), job.leftovers()]).toEqual([
      3,
      "registry.unauthorized",
      {},
      [],
    ]);
    expect(stderr).toContain("is not authorized to perform: ecr:");
  });

  test("prints all of it and does none of it in a dry run", async () => {
    const { model, job } = await open({ env: { CIRCLE_BRANCH: "develop" } }, {});
    const parameters = { "dry-run": "true", "create-repository": "true", registry: "registry.example" };
    const { exitCode, stdout } = await push(job, parameters);
    expect([exitCode, model.calls, model.registryCalls, job.leftovers(), job.read("bash-env")]).toEqual([
      0,
      [],
      [],
      [],
      null,
    ]);
    for (const line of [
      "ECR GetAuthorizationToken {}",
      "ECR CreateRepository {",
      "$ docker login --username AWS --password-stdin registry.example",
      "$ docker push registry.example/acme/shop:0.1.7",
      "ECR PutImage {",
      "$ docker logout registry.example",
    ]) {
      expect(stdout).toContain(line);
    }
  });
});
