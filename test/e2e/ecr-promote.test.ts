import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hasMoto, hasRegistry, openEcr, openMoto } from "../support/delivery.ts";
import type { EcrModel, EcrModelOptions } from "../support/ecr-model/ecr-model.ts";
import { digestOf, mediaTypes } from "../support/ecr-model/manifests.ts";
import { makeFolder } from "../support/folders.ts";
import { type Job, openJob, promote } from "../support/push.ts";
import { uploadTinyImage } from "../support/tiny-image.ts";

/** Promotion moves no layer and needs no Docker: the jobs here have none. */

interface Shop {
  readonly model: EcrModel;
  readonly job: Job;
  /** Digests of the images 1.0 and 2.0. */
  readonly one: string;
  readonly two: string;
}

async function open(options: Omit<EcrModelOptions, "registry"> = {}): Promise<Shop> {
  const mutable = {
    imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
    imageTagMutabilityExclusionFilters: [{ filterType: "WILDCARD", filter: "prod*" }],
  };
  const { model, registry } = await openEcr({ repositories: { "acme/shop": mutable }, ...options });
  const [one, two] = [
    await uploadTinyImage(registry, "acme/shop", "one"),
    await uploadTinyImage(registry, "acme/shop", "two"),
  ];
  for (const [tag, text] of [
    ["1.0", one],
    ["2.0", two],
  ] as const) {
    await model.manifests.write("acme/shop", tag, { mediaType: mediaTypes[0] ?? "", text });
  }
  return { model, job: openJob({ model }), one: digestOf(one), two: digestOf(two) };
}

describe.runIf(hasRegistry()).concurrent("ecr-promote", () => {
  test("gives an image a tag with three calls and without a layer, and tells which it is", async () => {
    const { model, job, one, two } = await open();
    const { exitCode, stderr, stdout } = await promote(job, {
      from: "1.0",
      to: "production",
      registry: "r.example",
    });
    expect([exitCode, stderr, await model.tags("acme/shop"), model.calls, model.registryCalls]).toEqual([
      0,
      "",
      { "1.0": one, "2.0": two, production: one },
      ["BatchGetImage 200", "PutImage 200", "BatchGetImage 200"],
      [],
    ]);
    expect(model.permissions).toEqual(["ecr:BatchGetImage", "ecr:PutImage"]);
    expect(stdout.trimEnd().split("\n").slice(-3)).toEqual([
      `Image:  r.example/acme/shop@${one}`,
      `Digest: ${one}`,
      "Tags:   production",
    ]);
    expect(job.leftovers()).toEqual([]);
  });

  test("keeps what the tag was before, and goes back to it by that digest", async () => {
    const { model, job, one, two } = await open();
    await promote(job, { from: "1.0", to: "production" });
    await promote(job, { from: "2.0", to: "production" });
    const { previous } = JSON.parse(job.read(".circleback/releases/promotion.json") ?? "{}");
    const between = (await model.tags("acme/shop")).production;
    const { exitCode } = await promote(job, { from: previous.production, to: "production" });
    const after = (await model.tags("acme/shop")).production;
    expect([between, previous, exitCode, after]).toEqual([two, { production: one }, 0, one]);
  });

  test("does nothing twice", async () => {
    const { model, job } = await open();
    await promote(job, { from: "1.0", to: "production" });
    const count = model.calls.length;
    const { exitCode, stdout } = await promote(job, { from: "1.0", to: "production" });
    expect([exitCode, model.calls.slice(count)]).toEqual([0, ["BatchGetImage 200"]]);
    expect(stdout).toContain("`production` is sha256:");
  });

  test("says what it has done where it may not tell later steps, and which image that is", async () => {
    const { model, job, one } = await open();
    const env = { ...job.env, BASH_ENV: job.directory };
    const { exitCode, errorCode, stdout, stderr } = await promote(
      { ...job, env },
      { from: "1.0", to: "production" },
    );
    expect([exitCode, errorCode, (await model.tags("acme/shop")).production]).toEqual([
      2,
      "file.failed",
      one,
    ]);
    expect(stderr).toContain("Warning: This ends early, but `production` is moved.");
    expect(stdout).toContain(`Digest: ${one}`);
  });

  test("moves no immutable tag, and names both images", async () => {
    const { model, job, one, two } = await open();
    const { exitCode, errorCode, stderr } = await promote(job, { from: "1.0", to: "2.0" });
    expect([exitCode, errorCode, (await model.tags("acme/shop"))["2.0"]]).toEqual([1, "image.conflict", two]);
    expect([stderr.includes(one), stderr.includes(two)]).toEqual([true, true]);
  });

  test.each([
    ["an image", { from: "3.0" }, "image.not-found"],
    ["a digest", { from: digestOf("nothing") }, "image.not-found"],
    ["a repository", { repository: "acme/other", from: "1.0" }, "repository.not-found"],
  ])("says that %s is not there", async (_, parameters, code) => {
    const { job } = await open();
    const { exitCode, errorCode } = await promote(job, { to: "production", ...parameters });
    expect([exitCode, errorCode]).toEqual([5, code]);
  });

  test("takes what it may not see for no absence", async () => {
    const { job } = await open({ allowed: [] });
    const { exitCode, errorCode, stderr } = await promote(job, { from: "1.0", to: "production" });
    expect([exitCode, errorCode]).toEqual([3, "aws.unauthorized"]);
    expect(stderr).toContain("ecr:BatchGetImage");
  });

  test.runIf(hasMoto())("does it with a role as well", async () => {
    const { model } = await open({ moto: await openMoto() });
    const env = { CIRCLE_OIDC_TOKEN_V2: "a.b.c", AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" };
    const job = openJob({ model, env });
    const role = "arn:aws:iam::123456789012:role/ci";
    const { exitCode } = await promote(job, { from: "1.0", to: "production", "role-arn": role });
    expect([exitCode, model.calls[0]]).toEqual([0, "AssumeRoleWithWebIdentity 200"]);
  });

  test.runIf(hasMoto())(
    "gets the role's token from the job's own program where the job has none",
    async () => {
      const { model } = await open({ moto: await openMoto() });
      const folder = makeFolder({
        circleci:
          '#!/bin/sh\necho "$*" >>"$0.log"\n[ "$(wc -l <"$0.log")" -lt 2 ] || echo e30.e30.very-secret-oidc\n',
      });
      chmodSync(join(folder, "circleci"), 0o755);
      const env = {
        PATH: `${folder}:${process.env.PATH}`,
        CIRCLE_ORGANIZATION_ID: "o-1",
        AWS_ACCESS_KEY_ID: "",
        AWS_SECRET_ACCESS_KEY: "",
      };
      const role = "arn:aws:iam::123456789012:role/ci";
      const job = openJob({ model, env });
      const { exitCode, stdout, stderr } = await promote(job, {
        from: "1.0",
        to: "production",
        "role-arn": role,
      });
      expect([exitCode, model.calls[0]]).toEqual([0, "AssumeRoleWithWebIdentity 200"]);
      const run = 'run oidc get --claims {"aud":"o-1"}';
      expect(readFileSync(join(folder, "circleci.log"), "utf8")).toBe(`${run}\n${run}\n`);
      expect(stderr).toContain("gave no token (exit code 0)");
      expect(`${stdout}${stderr}`).not.toContain("very-secret-oidc");
    },
  );
});
