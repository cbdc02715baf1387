import { expect, test } from "vitest";
import { definition } from "../../../src/commands/ecr-promote/definition.ts";
import { ecrPromote } from "../../../src/commands/ecr-promote/handler.ts";
import { runCommand } from "../../../src/run-command.ts";
import { answerImages, createWorld, image, registry, type WorldOptions } from "./ecr-world.ts";

const [old, next] = [image("old"), image("next")];

async function promote(options: WorldOptions) {
  const parameters = { repository: "api", from: "0.1.7", to: "production", ...options.parameters };
  const world = createWorld(definition.parameters, { ...options, parameters });
  const exit = await runCommand(definition, ecrPromote, world.host);
  const record = world.host.written.get(".circleback/releases/promotion.json");
  const error = world.host.lines.find((line) => line.startsWith("Error: ")) ?? "";
  return {
    ...world,
    tags: world.tags,
    exit,
    error,
    record: record === undefined ? null : JSON.parse(record),
  };
}

test("moves the tag without Docker, reads it back, and keeps what it was", async () => {
  const { exit, calls, tags, record, host } = await promote({ tags: { "0.1.7": next, production: old } });
  expect([exit, calls, tags]).toEqual([
    0,
    ["ECR BatchGetImage 0.1.7 production", "ECR PutImage production", "ECR BatchGetImage production"],
    { "0.1.7": next.digest, production: next.digest },
  ]);
  expect(record).toEqual({
    schema: 1,
    action: "promote",
    dryRun: false,
    version: "0.1.7",
    image: `${registry}/api@${next.digest}`,
    digest: next.digest,
    registry,
    repository: "api",
    region: "eu-central-1",
    tags: ["production"],
    previous: { production: old.digest },
    commit: "0123456789abcdef",
    branch: "develop",
    pipeline: "pipeline-1",
    buildUrl: "https://circleci.com/gh/acme/api/7",
    startedAt: "2026-01-01T00:00:00.000Z",
    finishedAt: "2026-01-01T00:00:00.000Z",
  });
  expect(host.written.get("/bash-env")).toContain(
    `export CIRCLEBACK_IMAGE='${registry}/api@${next.digest}'\n`,
  );
  expect(host.lines).toEqual([
    `Tagging \`0.1.7\` (${next.digest}) of api as \`production\`, which is ${old.digest} now.`,
    `Image:  ${registry}/api@${next.digest}`,
    `Digest: ${next.digest}`,
    "Tags:   production",
  ]);
});

test("takes a digest", async () => {
  const { exit, calls } = await promote({ tags: { "0.1.7": next }, parameters: { from: next.digest } });
  expect([exit, calls[0]]).toEqual([0, `ECR BatchGetImage ${next.digest} production`]);
});

test("names the account in every call where it is given, and derives the registry from it", async () => {
  const { exit, bodies, record } = await promote({
    tags: { "0.1.7": next },
    parameters: { "account-id": "210987654321", region: "cn-north-1" },
  });
  const accounts = bodies.map((body) => (body as { registryId?: string }).registryId);
  const host = "210987654321.dkr.ecr.cn-north-1.amazonaws.com.cn";
  expect([exit, accounts, record.registry, record.image]).toEqual([
    0,
    Array(3).fill("210987654321"),
    host,
    `${host}/api@${next.digest}`,
  ]);
});

test("keeps what the tag is before it moves it, for a run that is cut short", async () => {
  const refusal = { status: 400, body: { __type: "ValidationException", message: "no" } };
  const { exit, record } = await promote({
    tags: { "0.1.7": next, production: old },
    instead: { "ECR PutImage production": [refusal] },
  });
  expect([exit, record.previous, record.finishedAt]).toEqual([4, { production: old.digest }, null]);
});

test.each<[string, WorldOptions, number, readonly string[]]>([
  [
    "is cancelled while the tag moves",
    {
      onCall: (call, host) => {
        if (!call.startsWith("ECR PutImage")) return;
        host.cancel();
        throw new Error("cut");
      },
    },
    6,
    ["Warning: This ends early, but `production` may be moved."],
  ],
  [
    "may not read the tag back",
    {
      instead: {
        "ECR BatchGetImage production": [{ status: 400, body: { __type: "AccessDeniedException" } }],
      },
    },
    3,
    ["Warning: This ends early, but `production` is moved."],
  ],
  ["may not move an immutable tag", { immutable: ["production"] }, 1, []],
])("says what it has done where it %s", async (_, options, code, warnings) => {
  const { exit, host } = await promote({ ...options, tags: { "0.1.7": next, production: old } });
  expect([exit, host.lines.filter((line) => line.startsWith("Warning: "))]).toEqual([code, warnings]);
});

test("remembers in a second run what the tag was before the first", async () => {
  const first = await promote({ tags: { "0.1.7": next, production: old } });
  const files = { ".circleback/releases/promotion.json": JSON.stringify(first.record) };
  const second = await promote({ tags: { "0.1.7": next, production: next }, files });
  expect(second.record.previous).toEqual({ production: old.digest });
});

test("takes nothing over from an earlier record of that name about tags that are not its own", async () => {
  const pushed = { repository: "api", digest: next.digest, previous: { develop: old.digest } };
  const files = { ".circleback/releases/promotion.json": JSON.stringify(pushed) };
  const { record } = await promote({ tags: { "0.1.7": next, production: next }, files });
  expect(record.previous).toEqual({});
});

test("does nothing where the tag is there already", async () => {
  const { exit, calls, record } = await promote({ tags: { "0.1.7": next, production: next } });
  expect([exit, calls, record.previous]).toEqual([0, ["ECR BatchGetImage 0.1.7 production"], {}]);
});

test.each<[string, WorldOptions, number, string]>([
  [
    "the image is absent",
    { tags: { production: old } },
    5,
    "There is no image `0.1.7` in api (eu-central-1). (image.not-found)",
  ],
  [
    "the repository is absent",
    { tags: null },
    5,
    "There is no repository api in eu-central-1. (repository.not-found)",
  ],
  [
    "the tag is immutable",
    { tags: { "0.1.7": next, production: old }, immutable: ["production"] },
    1,
    `The tag \`production\` of api is immutable: it is ${old.digest}, and cannot become ${next.digest}. (image.conflict)`,
  ],
  [
    "another promotion is faster",
    {
      tags: { "0.1.7": next },
      instead: {
        "ECR BatchGetImage production": [answerImages({ production: old })],
      },
    },
    1,
    `\`production\` of api is ${old.digest} after it was moved to ${next.digest}: something else has moved it meanwhile. (image.changed)`,
  ],
  [
    "`to` needs a variable that is empty",
    { tags: {}, parameters: { to: "stable-${EMPTY}" }, env: { EMPTY: "" } },
    2,
    'Parameter `to` uses ${EMPTY} in "stable-${EMPTY}", but EMPTY is empty. (parameter.invalid)',
  ],
  [
    "`from` is a variable that is empty",
    { tags: {}, parameters: { from: "${CIRCLEBACK_IMAGE_DIGEST}" }, env: { CIRCLEBACK_IMAGE_DIGEST: "" } },
    2,
    'Parameter `from` uses ${CIRCLEBACK_IMAGE_DIGEST} in "${CIRCLEBACK_IMAGE_DIGEST}", but CIRCLEBACK_IMAGE_DIGEST is empty. (parameter.invalid)',
  ],
  [
    "`to` is no tag",
    { tags: {}, parameters: { to: "a/b" } },
    2,
    'Parameter `to` has a tag that no registry takes: "a/b". (parameter.invalid)',
  ],
  [
    "`from` is half a digest",
    { tags: {}, parameters: { from: "sha256:abc" } },
    2,
    'Parameter `from` has a tag that no registry takes: "sha256:abc". (parameter.invalid)',
  ],
])("keeps no finished record where %s", async (_, options, code, message) => {
  const { exit, error, record } = await promote(options);
  expect([exit, error, record?.finishedAt ?? null]).toEqual([code, `Error: ${message}`, null]);
});
