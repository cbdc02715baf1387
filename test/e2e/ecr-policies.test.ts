import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { hasEngine, hasMoto, hasRegistry, openEcr, openEngine, openMoto } from "../support/delivery.ts";
import { type Policy, parsePolicy, parseTrustPolicy, trusts } from "../support/ecr-model/policy.ts";
import { openJob, promote, push } from "../support/push.ts";

/** The README's policies against the calls that the commands make: nothing is missing in them, and nothing too much. */

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
const [forPush = "", forPromotion = "", forTrust = ""] = [...readme.matchAll(/^```json\n(.*?)^```/gms)].map(
  ([, json]) => json,
);
const [, forCreation = "", forCache = ""] =
  /^`create-repository` needs `(ecr:\w+)` .* `cache` needs `(ecr:\w+)`/m.exec(readme) ?? [];

const sorted = ({ Statement }: Policy, ...more: readonly string[]) =>
  [...Statement.flatMap(({ Action }) => Action), ...more].sort();

const withMore = (policy: Policy, ...actions: readonly string[]): Policy => ({
  ...policy,
  Statement: policy.Statement.map((statement) =>
    statement.Resource[0] === "*" ? statement : { ...statement, Action: [...statement.Action, ...actions] },
  ),
});

const repositories = { "acme/shop": {} };
const canPush = [hasRegistry(), hasEngine()].every(Boolean);

describe.runIf(canPush).concurrent("the policy of the README", () => {
  test("is what a push needs", async () => {
    const policy = parsePolicy(forPush);
    const { model } = await openEcr({ repositories, allowed: policy });
    const job = openJob({ model, engine: await openEngine(), env: { CIRCLE_BRANCH: "develop" } });
    const { exitCode, stderr } = await push(job);
    expect([exitCode, stderr, model.permissions]).toEqual([0, "", sorted(policy)]);
  });

  test("is for one repository", async () => {
    const { model } = await openEcr({ repositories: { other: {} }, allowed: parsePolicy(forPush) });
    const { exitCode, errorCode } = await push(openJob({ model, engine: await openEngine() }), {
      repository: "other",
    });
    expect([exitCode, errorCode]).toEqual([3, "aws.unauthorized"]);
  });

  test("is, with what it says of that, what creating the repository needs", async () => {
    const policy = withMore(parsePolicy(forPush), forCreation);
    const { model } = await openEcr({ allowed: policy });
    const job = openJob({ model, engine: await openEngine() });
    const { exitCode } = await push(job, { "create-repository": "true" });
    expect([exitCode, model.permissions]).toEqual([0, sorted(policy)]);
  });

  test("is, with what it says of that, what a cache needs", async () => {
    const policy = withMore(parsePolicy(forPush), forCache);
    const { model } = await openEcr({ repositories, allowed: policy });
    const files = { Dockerfile: "FROM busybox:stable\nRUN echo cached >/cached\n" };
    const engine = await openEngine();
    const options = { model, engine, files, env: { CIRCLE_BRANCH: "develop" } };
    const first = await push(openJob(options), { cache: "inline" });
    await engine.docker(["builder", "prune", "--all", "--force"]);
    const later = openJob({ ...options, env: { CIRCLE_BRANCH: "develop", CIRCLE_BUILD_NUM: "8" } });
    const second = await push(later, { cache: "inline" });
    expect([first.exitCode, second.exitCode, model.permissions]).toEqual([0, 0, sorted(policy)]);
    expect(second.stdout).toContain("CACHED");
  });

  test("is what a promotion needs", async () => {
    const policy = parsePolicy(forPromotion);
    const both = { ...policy, Statement: [...policy.Statement, ...parsePolicy(forPush).Statement] };
    const { model, registry } = await openEcr({ repositories, allowed: both });
    await push(openJob({ model, engine: await openEngine() }));
    const { startEcrModel } = await import("../support/ecr-model/ecr-model.ts");
    const promoting = await startEcrModel({ registry, repositories, allowed: policy });
    const { exitCode } = await promote(openJob({ model: promoting }), { from: "0.1.7", to: "production" });
    expect([exitCode, promoting.permissions]).toEqual([0, sorted(policy)]);
    await promoting.stop();
  });
});

const [organization, project] = [
  "ee7e1c5d-0000-4000-8000-000000000001",
  "ee7e1c5d-0000-4000-8000-000000000002",
];
const claimsOf = (origin: string, projectId = project, ref = "refs/heads/feature/x") => ({
  iss: `https://oidc.circleci.com/org/${organization}`,
  aud: organization,
  sub: `org/${organization}/project/${projectId}/user/ee7e1c5d-0000-4000-8000-000000000003/vcs-origin/${origin}/vcs-ref/${ref}`,
  "oidc.circleci.com/project-id": projectId,
});
const trust = forTrust.replaceAll("ORGANIZATION_ID", organization).replaceAll("PROJECT_ID", project);

/** What somebody may call a branch or a tag: the end of another build's subject. */
const whole = (ref: string) => `x/vcs-origin/github.com/acme/shop/vcs-ref/${ref}`;

test("the trust policy of a role for production lets nobody in by the name of a branch, a tag or a fork", () => {
  expect(readme).toContain("With `refs/heads/master` instead of `refs/heads/*`");
  const forMaster = parseTrustPolicy(trust.replace("refs/heads/*", "refs/heads/master"));
  const isTrusted = (ref: string, origin = "github.com/acme/shop") =>
    trusts(forMaster, "123456789012", claimsOf(origin, project, ref));
  expect([
    isTrusted("refs/heads/master"),
    isTrusted("refs/heads/develop"),
    isTrusted(`refs/heads/${whole("refs/heads/master")}`),
    isTrusted(`refs/tags/${whole("refs/heads/master")}`),
    isTrusted(`refs/heads/${whole("refs/heads/master")}`, "github.com/mallory/shop"),
  ]).toEqual([true, false, false, false, false]);
});

describe.runIf(canPush && hasMoto()).concurrent("the trust policy of the README", () => {
  const own = claimsOf("github.com/acme/shop");

  async function tryWith(claims: object) {
    const { model } = await openEcr({
      repositories,
      moto: await openMoto(),
      trust: parseTrustPolicy(trust),
    });
    const token = ["{}", JSON.stringify(claims), "signature"]
      .map((part) => Buffer.from(part).toString("base64url"))
      .join(".");
    const job = openJob({
      model,
      env: { CIRCLE_OIDC_TOKEN_V2: token, AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" },
    });
    await promote(job, { from: "1.0", to: "2.0", "role-arn": "arn:aws:iam::123456789012:role/circleci" });
    return model.calls[0];
  }

  test("opens the role to builds of the project's branches", async () => {
    expect(await tryWith(own)).toBe("AssumeRoleWithWebIdentity 200");
  });

  test.each<[string, object]>([
    ["another project", claimsOf("github.com/acme/shop", "ee7e1c5d-0000-4000-8000-000000000009")],
    ["another project that writes this one's subject", { ...own, "oidc.circleci.com/project-id": "other" }],
    ["a fork", claimsOf("github.com/mallory/shop")],
    ["a tag", claimsOf("github.com/acme/shop", project, "refs/tags/v1")],
    [
      "a fork with a branch of an odd name",
      claimsOf("github.com/mallory/shop", project, `refs/heads/${whole("refs/heads/x")}`),
    ],
    ["a tag of an odd name", claimsOf("github.com/acme/shop", project, `refs/tags/${whole("refs/heads/x")}`)],
    ["another audience", { ...own, aud: "sts.amazonaws.com" }],
    ["another organization", { ...own, iss: "https://oidc.circleci.com/org/other", aud: "other" }],
  ])("keeps it from %s", async (_, claims) => {
    expect(await tryWith(claims)).toBe("AssumeRoleWithWebIdentity 403 AccessDenied");
  });
});
