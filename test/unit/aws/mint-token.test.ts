import { expect, test } from "vitest";
import { openCredentials } from "../../../src/aws/credentials.ts";
import type { ExecResult } from "../../../src/host/host.ts";
import { Secret } from "../../../src/secret.ts";
import { createFakeHost } from "../../support/fake-host.ts";

const token = "aGVhZGVy.Y2xhaW1z.c2lnbmF0dXJl";
const ended = (exitCode: number | null, stdout = "", output = stdout): ExecResult => ({
  exitCode,
  stdout,
  output,
});

/** Credentials of a role, in a job whose `circleci` answers so, one run after the other. */
async function assume(
  answers: readonly (ExecResult | null)[],
  options: {
    readonly variable?: string;
    readonly value?: string;
    readonly isCanceled?: boolean;
    /** AWS calls the session of the first token expired. */
    readonly expires?: boolean;
    /** The program ends on a signal alone. */
    readonly hangs?: boolean;
  } = {},
) {
  const { variable = "CIRCLE_OIDC_TOKEN_V2", value } = options;
  const left = [...answers];
  const runs: (readonly string[])[] = [];
  const tokens: (string | null)[] = [];
  const host = createFakeHost({
    env: { CIRCLE_ORGANIZATION_ID: "o-1" },
    requestsHang: options.hangs === true,
    exec: async (argv, { signal }) => {
      runs.push(argv);
      if (options.hangs) await new Promise((resolve) => signal?.addEventListener("abort", resolve));
      if (options.isCanceled) host.cancel();
      const answer = left.shift();
      if (answer === undefined) throw new Error("one run too many");
      return answer;
    },
    fetch: async (_, { body }) => {
      tokens.push(new URLSearchParams(String(body)).get("WebIdentityToken"));
      return new Response(
        "<AccessKeyId>A</AccessKeyId><SecretAccessKey>B</SecretAccessKey><SessionToken>C</SessionToken>",
      );
    },
  });
  const none = (name: string) => ({ variable: name, value: null });
  const credentials = openCredentials(host, {
    region: "eu-central-1",
    roleArn: "arn:aws:iam::123456789012:role/ci",
    oidcToken: { variable, value: value === undefined ? null : new Secret(value) },
    accessKeyId: none("AWS_ACCESS_KEY_ID"),
    secretAccessKey: none("AWS_SECRET_ACCESS_KEY"),
    sessionToken: none("AWS_SESSION_TOKEN"),
  });
  const get = () => credentials.get().catch((error: unknown) => error);
  const first = await get();
  if (options.expires) credentials.drop();
  const outcome = options.expires ? await get() : first;
  return { outcome, runs, tokens, host, left };
}

const run = ["circleci", "run", "oidc", "get", "--claims", '{"aud":"o-1"}'];
const nothing = "Warning: `circleci run oidc get` gave no token (exit code 0).";

test("asks the job's own program for a token where the job has none, and shows it nowhere", async () => {
  const { outcome, runs, tokens, host } = await assume([ended(0, `${token}\n`)]);
  expect([outcome, runs, tokens]).toMatchObject([{ accessKeyId: "A" }, [run], [token]]);
  host.log.info(`a program that prints ${token}`);
  expect(host.lines).toEqual([
    "Assumed arn:aws:iam::123456789012:role/ci.",
    "a program that prints [secret]",
  ]);
});

test.each([
  ["nothing", ended(0, ""), nothing],
  ["no token", ended(0, "Update available: 1.2.3"), nothing],
  ["more than a token", ended(0, `${token}\nUpdate available: 1.2.3`), nothing],
  ["a token, and fails", ended(1, token), "Warning: `circleci run oidc get` gave no token (exit code 1)."],
])("asks again where the program prints %s", async (_, answer, warning) => {
  const { outcome, runs, tokens, host } = await assume([answer, answer, ended(0, token)]);
  expect([outcome, runs.length, tokens, host.sleeps]).toMatchObject([
    { accessKeyId: "A" },
    3,
    [token],
    [1_000, 2_000],
  ]);
  expect(host.lines.slice(0, 2)).toEqual([warning, warning]);
});

test.each([
  ["is not there", [null], "is not there."],
  ["gives none in three tries", Array(3).fill(ended(1, "", "no OIDC here")), "gave no token (exit code 1)."],
])("names both what it looked at where the program %s", async (_, answers, warning) => {
  const { outcome, tokens, host, left } = await assume(answers);
  expect([outcome, tokens, left]).toMatchObject([
    {
      code: "aws.unauthorized",
      exitCode: 3,
      message:
        "There is no token in CIRCLE_OIDC_TOKEN_V2 to assume arn:aws:iam::123456789012:role/ci with, and `circleci run oidc get` gave none.",
    },
    [],
    [],
  ]);
  expect(host.lines).toEqual(answers.map(() => `Warning: \`circleci run oidc get\` ${warning}`));
});

test("makes no token in place of one that has another name, nor of one that is there", async () => {
  const other = await assume([], { variable: "SHOP_OIDC" });
  expect(other.outcome).toMatchObject({
    message: "There is no token in SHOP_OIDC to assume arn:aws:iam::123456789012:role/ci with.",
  });
  const given = await assume([], { value: "a.b.c" });
  expect([given.tokens, other.runs, given.runs]).toEqual([["a.b.c"], [], []]);
});

test.each<[string, ExecResult | null, readonly string[]]>([
  ["a new token, as the job's own has expired with it", ended(0, token), ["a.b.c", token]],
  ["the job's own where there is no new one", null, ["a.b.c", "a.b.c"]],
])("renews a session with %s", async (_, answer, used) => {
  const { outcome, tokens, runs } = await assume([answer], { value: "a.b.c", expires: true });
  expect([outcome, tokens, runs.length]).toMatchObject([{ accessKeyId: "A" }, used, 1]);
});

test("ends with the job where it is cancelled meanwhile", async () => {
  const { outcome, runs, host } = await assume([ended(null)], { isCanceled: true });
  expect([outcome, runs.length, host.lines]).toEqual([new Error("cancelled by the test"), 1, []]);
});

test("waits half a minute for the program, and no longer", async () => {
  const { outcome, host } = await assume(Array(3).fill(ended(null)), { hangs: true });
  expect([outcome, host.sleeps]).toMatchObject([
    { code: "aws.unauthorized" },
    [30_000, 1_000, 30_000, 2_000, 30_000, 0],
  ]);
  const late = "Warning: `circleci run oidc get` gave no token (exit code none: it took too long).";
  expect(host.lines).toEqual([late, late, late]);
});
