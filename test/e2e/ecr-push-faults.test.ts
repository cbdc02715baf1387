import { once } from "node:events";
import { describe, expect, test } from "vitest";
import {
  hasEngine,
  hasMoto,
  hasRegistry,
  openEcr,
  openEngine,
  openFullEngine,
  openMoto,
} from "../support/delivery.ts";
import type { EcrModel, EcrModelOptions } from "../support/ecr-model/ecr-model.ts";
import type { Fault } from "../support/ecr-model/faults.ts";
import { type Job, type JobOptions, openJob, push, startCommand } from "../support/push.ts";

/** What goes wrong on the way, on the side of AWS, of the registry, of the engine and of the job. */

const endless = "FROM busybox:stable\nRUN while sleep 1; do echo still here; done\n";
const repositories = { "acme/shop": { imageTagMutability: "IMMUTABLE" } };
const role = "arn:aws:iam::123456789012:role/ci";
const token = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${Buffer.from('{"iss":"https://oidc.circleci.com/org/1","aud":"1","sub":"org/1"}').toString("base64url")}.signature-of-the-token`;

async function open(
  ecr: Omit<EcrModelOptions, "registry"> = {},
  options: Omit<JobOptions, "model"> = {},
): Promise<{ readonly model: EcrModel; readonly job: Job }> {
  const [{ model }, engine] = await Promise.all([openEcr({ repositories, ...ecr }), openEngine()]);
  return { model, job: openJob({ model, engine, ...options }) };
}

const canPush = [hasRegistry(), hasEngine()].every(Boolean);

describe.runIf(canPush && hasMoto()).concurrent("a role", () => {
  const oidc = {
    env: { CIRCLE_OIDC_TOKEN_V2: token, AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" },
  };

  test("is assumed with the job's token, though STS does not know the issuer's keys at once", async () => {
    const { model, job } = await open({ moto: await openMoto() }, oidc);
    model.fail({ action: "AssumeRoleWithWebIdentity", times: 2, code: "InvalidIdentityToken" });
    const { exitCode, stdout, stderr } = await push(job, { "role-arn": role });
    expect([exitCode, model.calls, Object.keys(await model.tags("acme/shop"))]).toEqual([
      0,
      [
        "AssumeRoleWithWebIdentity 400 InvalidIdentityToken",
        "AssumeRoleWithWebIdentity 400 InvalidIdentityToken",
        "AssumeRoleWithWebIdentity 200",
        "GetAuthorizationToken 200",
        "BatchGetImage 200",
        "BatchGetImage 200",
      ],
      ["0.1.7"],
    ]);
    expect(`${stdout}${stderr}`).not.toContain("signature-of-the-token");
  });

  test("that does not trust the token is named, with what the token says of the job", async () => {
    const { model, job } = await open({ moto: await openMoto(), trustedRoles: [] }, oidc);
    const { exitCode, errorCode, stdout, stderr } = await push(job, { "role-arn": role });
    expect([exitCode, errorCode, model.calls]).toEqual([
      3,
      "aws.unauthorized",
      ["AssumeRoleWithWebIdentity 403 AccessDenied"],
    ]);
    expect(stderr).toContain("issuer https://oidc.circleci.com/org/1, audience 1, subject org/1");
    expect(`${stdout}${stderr}`).not.toContain("signature-of-the-token");
  });

  test("is assumed once more when its credentials have expired", async () => {
    const { model, job } = await open({ moto: await openMoto() }, oidc);
    model.fail({ action: "BatchGetImage", code: "ExpiredTokenException" });
    const { exitCode } = await push(job, { "role-arn": role });
    expect([exitCode, model.calls.slice(0, 5)]).toEqual([
      0,
      [
        "AssumeRoleWithWebIdentity 200",
        "GetAuthorizationToken 200",
        "BatchGetImage 400 ExpiredTokenException",
        "AssumeRoleWithWebIdentity 200",
        "BatchGetImage 200",
      ],
    ]);
  });
});

describe.runIf(canPush).concurrent("a push goes on", () => {
  test.each([
    ["throttled", { code: "ThrottlingException" }],
    ["broken", { code: "ServerException", status: 500 }],
    ["cut", {}],
  ])("when a call is %s", async (_, fault) => {
    const { model, job } = await open();
    model.fail({ action: "GetAuthorizationToken", ...fault });
    model.fail({ action: "BatchGetImage", times: 2, ...fault });
    const { exitCode } = await push(job);
    expect([exitCode, Object.keys(await model.tags("acme/shop"))]).toEqual([0, ["0.1.7"]]);
  });

  test("when the registry breaks in the middle of it", async () => {
    const { model, job } = await open();
    model.fail({ request: /^PUT \/v2\/acme\/shop\/blobs\/uploads\//, status: 500 });
    model.fail({ request: /^PUT \/v2\/acme\/shop\/manifests\//, status: 500 });
    const { exitCode, stderr } = await push(job);
    expect([exitCode, Object.keys(await model.tags("acme/shop"))]).toEqual([0, ["0.1.7"]]);
    expect(stderr).toContain("docker push failed; trying again in");
  });

  test("when the login has expired between build and push", async () => {
    const { model, job } = await open({}, { files: { Dockerfile: "FROM busybox:stable\nRUN sleep 1\n" } });
    const run = await startCommand("ecr-push", job, {});
    await run.untilItSays("$ docker build");
    model.expireTokens();
    const { exitCode, stdout } = await run.result;
    expect([exitCode, model.calls, Object.keys(await model.tags("acme/shop")), job.leftovers()]).toEqual([
      0,
      ["GetAuthorizationToken 200", "BatchGetImage 200", "GetAuthorizationToken 200", "BatchGetImage 200"],
      ["0.1.7"],
      [],
    ]);
    expect(stdout).toContain("has expired: getting a new one");
  });

  test("with a new login where the first would end during it", async () => {
    const { model, job } = await open({ tokenLifetime: 60_000 });
    const { exitCode } = await push(job);
    expect([exitCode, model.calls.filter((call) => call.startsWith("GetAuthorizationToken")).length]).toEqual(
      [0, 2],
    );
  });

  test("when the answer to moving a tag is lost", async () => {
    const { model, job } = await open();
    model.fail({ action: "PutImage", after: "accepted" });
    const { exitCode } = await push(job, { tags: "1.0\nstable" });
    const tags = await model.tags("acme/shop");
    expect([exitCode, tags.stable, model.calls.slice(-3)]).toEqual([
      0,
      tags["1.0"],
      ["PutImage cut", "PutImage 400 ImageAlreadyExistsException", "BatchGetImage 200"],
    ]);
  });
});

describe.runIf(canPush).concurrent("a push ends", () => {
  test("when calls are throttled for too long, with nothing built", async () => {
    const { model, job } = await open();
    model.fail({ action: "BatchGetImage", times: 5, code: "ThrottlingException" });
    const { exitCode, errorCode } = await push(job);
    expect([exitCode, errorCode, model.registryCalls]).toEqual([4, "aws.failed", []]);
  });

  test("when the registry stays broken, and moves no tag", async () => {
    const { model, job } = await open();
    model.fail({ request: /^PUT \/v2\/acme\/shop\/manifests\//, times: 3, status: 500 });
    const { exitCode, errorCode } = await push(job, { tags: "1.0\nstable" });
    expect([
      exitCode,
      errorCode,
      await model.tags("acme/shop"),
      job.leftovers(),
      job.read("bash-env"),
    ]).toEqual([4, "registry.failed", {}, [], null]);
  });

  test("when the engine's disk is full, and says so", async () => {
    const [{ model }, engine] = await Promise.all([openEcr({ repositories }), openFullEngine(12)]);
    const job = openJob({
      model,
      engine,
      files: { Dockerfile: "FROM busybox:stable\nCOPY . /\n", big: "x".repeat(16 * 2 ** 20) },
    });
    const { exitCode, errorCode, stderr } = await push(job);
    expect([exitCode, errorCode, await model.tags("acme/shop"), job.leftovers()]).toEqual([
      1,
      "docker.build-failed",
      {},
      [],
    ]);
    expect(stderr).toContain("The engine's disk is full");
  });

  test("when no engine answers, and says what a job needs", async () => {
    const { model } = await open();
    const job = openJob({ model });
    const { exitCode, errorCode, stderr } = await push(job);
    expect([exitCode, errorCode, await model.tags("acme/shop"), job.leftovers()]).toEqual([
      4,
      "docker.unreachable",
      {},
      [],
    ]);
    expect(stderr).toContain("Put the step `setup_remote_docker` before this one");
  });

  test("when the build fails, with nothing pushed", async () => {
    const { model, job } = await open({}, { files: { Dockerfile: "FROM busybox:stable\nRUN exit 3\n" } });
    const { exitCode, errorCode } = await push(job);
    expect([exitCode, errorCode, await model.tags("acme/shop"), job.leftovers()]).toEqual([
      1,
      "docker.build-failed",
      {},
      [],
    ]);
  });

  test.each<[string, Fault | null, words: string, tags: readonly string[]]>([
    ["asks AWS again", { action: "BatchGetImage", code: "ThrottlingException" }, "trying again in", []],
    ["logs in", null, "$ docker login", []],
    [
      "pushes again",
      { request: /^PUT \/v2\/acme\/shop\/manifests\//, status: 500 },
      "docker push failed; trying again in",
      [],
    ],
    [
      "moves tags",
      { action: "PutImage", code: "ThrottlingException" },
      "ECR PutImage was throttled",
      ["1.0"],
    ],
  ])("cancelled while it %s, leaves no login and nothing half done", async (_, fault, words, left) => {
    const { model, job } = await open();
    if (fault !== null) model.fail(fault);
    const run = await startCommand("ecr-push", job, { tags: "1.0\nstable" });
    await run.untilItSays(words);
    run.child.kill("SIGTERM");
    const { exitCode, errorCode } = await run.result;
    const after = Object.keys(await model.tags("acme/shop"));
    expect([exitCode, errorCode, after, job.leftovers(), job.read("bash-env")]).toEqual([
      6,
      "job.canceled",
      left,
      [],
      null,
    ]);
    const again = await push(job, { tags: "1.0\nstable" });
    expect([again.exitCode, Object.keys(await model.tags("acme/shop"))]).toEqual([0, ["1.0", "stable"]]);
  });

  test.each(["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"] as const)(
    "on %s, and is logged out all the same",
    async (signal) => {
      const { model, job } = await open({}, { files: { Dockerfile: endless } });
      const run = await startCommand("ecr-push", job, {});
      await run.untilItSays("$ docker build");
      expect(job.leftovers()).toHaveLength(1); // the private configuration with the login
      run.child.kill(signal);
      const { exitCode, errorCode } = await run.result;
      expect([exitCode, errorCode, await model.tags("acme/shop"), job.leftovers()]).toEqual([
        6,
        "job.canceled",
        {},
        [],
      ]);
    },
  );

  test("when nobody reads any more what it prints, and is logged out all the same", async () => {
    const { model, job } = await open({}, { files: { Dockerfile: endless } });
    const { child, untilItSays, result } = await startCommand("ecr-push", job, {});
    result.catch(() => {}); // an output that is cut off is all that this test wants
    await untilItSays("$ docker build");
    child.stdout?.destroy();
    const [exitCode] = await once(child, "exit");
    expect([exitCode, await model.tags("acme/shop"), job.leftovers()]).toEqual([6, {}, []]);
  });
});
