import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cacheFolder } from "../support/cache.ts";
import {
  hasBuildkit,
  hasEngine,
  hasRegistry,
  openBuildkit,
  openEcr,
  openEngine,
} from "../support/delivery.ts";
import { commitFiles, type Job, openJob, push } from "../support/push.ts";
import { available } from "../support/require.ts";
import { run } from "../support/run.ts";

/** The builders that a job may find; the other tests of ecr-push use the BuildKit of Debian's client. */

const buildx = join(cacheFolder, "bin/buildx");

/** The plug-in is where a user has it: in the folder of Docker's configuration, which the step does not use itself. */
async function open(
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
  repository: object = {},
) {
  const [{ model }, engine] = await Promise.all([
    openEcr({ repositories: { "acme/shop": repository } }),
    openEngine(),
  ]);
  const job = openJob({ model, engine, files, env });
  const plugins = join(job.env.HOME ?? "", ".docker/cli-plugins");
  mkdirSync(plugins, { recursive: true });
  symlinkSync(buildx, join(plugins, "docker-buildx"));
  return { model, job };
}

const leftovers = (job: Job) => job.leftovers().filter((name) => name !== ".docker");

const canPush = [hasRegistry(), hasEngine()].every(Boolean);

test.runIf(canPush)("with the builder of old, ecr-push pushes once, and does nothing twice", async () => {
  const [{ model }, engine] = await Promise.all([
    openEcr({ repositories: { "acme/shop": {} } }),
    openEngine(),
  ]);
  const job = openJob({ model, engine, env: { DOCKER_BUILDKIT: "0" } });
  const first = await push(job);
  const before = model.registryCalls.length;
  const second = await push(job);
  const sent = model.registryCalls.slice(before).filter((call) => /^(PUT|POST|PATCH) /.test(call));
  expect([first.exitCode, second.exitCode, sent, job.leftovers()]).toEqual([0, 0, [], []]);
  expect(first.stdout).toContain("Successfully built"); // BuildKit does not say that
});

const hasBuildx = available("buildx", () => (existsSync(buildx) ? null : `${buildx} is missing`));

describe.runIf(canPush && hasBuildx).concurrent("with buildx, ecr-push", () => {
  test("builds with a secret, loads the image, pushes it and names its digest", async () => {
    const { model, job } = await open(
      {
        Dockerfile: "FROM busybox:stable\nRUN --mount=type=secret,id=npm grep -q ^hidden /run/secrets/npm\n",
      },
      { NPM_TOKEN: "hidden-token" },
    );
    const { exitCode, stdout, stderr } = await push(job, {
      secrets: "npm=NPM_TOKEN",
      platforms: "linux/amd64",
    });
    const { "0.1.7": digest } = await model.tags("acme/shop");
    expect([stderr, exitCode, leftovers(job)]).toEqual(["", 0, []]);
    expect(stdout).toContain("$ docker buildx build ");
    expect(stdout).toContain(`Digest: ${digest}`);
    expect(stdout).not.toContain("hidden-token");
  });

  test("does nothing twice", async () => {
    const { model, job: files } = await open({ Dockerfile: "FROM busybox:stable\nLABEL a=b\n" });
    const job = commitFiles(files, 1_700_000_000);
    await push(job);
    const before = model.registryCalls.length;
    const { exitCode, stdout } = await push(job);
    const sent = model.registryCalls.slice(before).filter((call) => /^(PUT|POST|PATCH) /.test(call));
    expect([exitCode, sent]).toEqual([0, []]);
    expect(stdout).toContain("`0.1.7` is this image already");
  });

  test.each<[string, Readonly<Record<string, string>>]>([
    ["a cache in the registry", { cache: "registry" }],
    ["an attestation", { provenance: "min" }],
    ["several platforms", { platforms: "linux/amd64,linux/arm64" }],
  ])("says how to make the builder that %s needs", async (_, parameters) => {
    const { model, job } = await open({ Dockerfile: "FROM busybox:stable\n" });
    const { exitCode, errorCode, stderr } = await push(job, parameters);
    expect([exitCode, errorCode, await model.tags("acme/shop"), leftovers(job)]).toEqual([
      1,
      "docker.build-failed",
      {},
      [],
    ]);
    expect(stderr).toContain("docker buildx create --use");
  });
});

describe
  .runIf(canPush && hasBuildx && hasBuildkit())
  .concurrent("with a builder of its own, ecr-push", () => {
    /** All tests use one builder: other words, layers that it has not seen. */
    async function openWithBuilder(words = "one", repository: object = {}) {
      const files = { Dockerfile: "FROM scratch\nCOPY words /\n", words };
      const [{ model, job }, { address }] = await Promise.all([open(files, {}, repository), openBuildkit()]);
      const docker = async (...args: readonly string[]) => {
        const { exitCode, output } = await run("docker", args, { env: job.env });
        expect([exitCode, output]).toEqual([0, output]);
      };
      await docker("buildx", "create", "--name", "own", "--driver", "remote", "--use", address);
      const readIndex = async (tag: string) => {
        const { manifests } = JSON.parse((await model.manifests.read("acme/shop", tag))?.text ?? "{}");
        return (manifests as readonly { platform: { os: string; architecture: string } }[]).map(
          ({ platform }) => `${platform.os}/${platform.architecture}`,
        );
      };
      return { model, job, docker, readIndex };
    }

    test("pushes an index of several platforms, names its digest, and tags it for the branch", async () => {
      const { model, job, readIndex } = await openWithBuilder();
      const branch = { ...job, env: { ...job.env, CIRCLE_BRANCH: "develop" } };
      const { exitCode, stdout } = await push(branch, { platforms: "linux/amd64,linux/arm64" });
      const tags = await model.tags("acme/shop");
      expect([exitCode, Object.keys(tags).sort(), await readIndex("0.1.7"), leftovers(job)]).toEqual([
        0,
        ["0.1.7", "develop"],
        ["linux/amd64", "linux/arm64"],
        [],
      ]);
      expect(tags.develop).toBe(tags["0.1.7"]);
      expect(stdout).toContain(`Digest: ${tags["0.1.7"]}`);
    });

    test("keeps its layers in the registry, and makes the same image of one commit with them", async () => {
      const { model, job, docker } = await openWithBuilder("of the cache");
      const commit = commitFiles(job, 1_700_000_000);
      const first = await push(commit, { cache: "registry" });
      const { "0.1.7": digest } = await model.tags("acme/shop");
      await docker("buildx", "prune", "--all", "--force");
      const second = await push(commit, { cache: "registry" });
      const { buildcache, ...tags } = await model.tags("acme/shop");
      expect([first.exitCode, second.exitCode, tags]).toEqual([0, 0, { "0.1.7": digest }]);
      expect([first.stdout.includes("CACHED"), second.stdout.includes("CACHED")]).toEqual([false, true]);
      expect(buildcache).toMatch(/^sha256:/);
    });

    test("knows an immutable version that is this image already, and one that is not", async () => {
      const { model, job } = await openWithBuilder("that stay", {
        imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters: [{ filterType: "WILDCARD", filter: "buildcache" }],
      });
      const commit = commitFiles(job, 1_700_000_000);
      const first = await push(commit, { cache: "registry" });
      const { "0.1.7": digest } = await model.tags("acme/shop");
      const second = await push(commit, { cache: "registry" });
      const third = await push(commit, { cache: "registry", labels: "another=image" });
      const after = (await model.tags("acme/shop"))["0.1.7"];
      expect([first.exitCode, second.exitCode, third.exitCode, third.errorCode, after]).toEqual([
        0,
        0,
        1,
        "image.conflict",
        digest,
      ]);
      expect(third.stderr).toMatch(
        /it is (sha256:\w+), and cannot become the image that was built \(sha256:/,
      );
    });

    test.each(["min", "max"])("attests how it was built: %s", async (provenance) => {
      const { job, readIndex } = await openWithBuilder();
      const { exitCode } = await push(job, { provenance });
      expect([exitCode, await readIndex("0.1.7")]).toEqual([0, ["linux/amd64", "unknown/unknown"]]);
    });
  });
