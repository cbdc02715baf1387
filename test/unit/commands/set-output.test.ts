import { expect, test } from "vitest";
import { definition } from "../../../src/commands/set-output/definition.ts";
import { setOutput } from "../../../src/commands/set-output/handler.ts";
import { variableOf } from "../../../src/orb/define-command.ts";
import { runCommand } from "../../../src/run-command.ts";
import { createFakeHost } from "../../support/fake-host.ts";

async function set(
  parameters: Readonly<Record<string, string>>,
  { env = {}, files = {} }: { env?: Record<string, string>; files?: Record<string, string> } = {},
) {
  const given = { value: "", file: "", "install-node": "1", ...parameters };
  const variables = Object.entries(given).map(([name, text]) => [variableOf(name), text] as const);
  const host = createFakeHost({ env: { ...env, ...Object.fromEntries(variables) }, files });
  const exit = await runCommand(definition, setOutput, host);
  const written = [...host.written].filter(([path]) => !(path in files));
  return { exit, lines: host.lines, written: Object.fromEntries(written) };
}

const path = ".circleback/outputs-set/version.json";

test.each([
  ["a plain text", "1.2.3", "1.2.3"],
  ["a text that looks like JSON", '{"a": 1}', '{"a": 1}'],
  [
    "a text that is hostile to shells",
    `'"$(touch x)\`touch x\`\\ %s\n<<`,
    `'"$(touch x)\`touch x\`\\ %s\n<<`,
  ],
  ["an environment variable", "v${NUMBER}-${REF}", "v7-feature/ü"],
  ["what a variable holds, which is never read again", "${TRICKY}", '${NUMBER}", "a": "'],
  ["a variable that is empty", "${EMPTY}", ""],
])("keeps %s as a JSON text", async (_, value, text) => {
  const env = { NUMBER: "7", REF: "feature/ü", TRICKY: '${NUMBER}", "a": "', EMPTY: "" };
  const { exit, written } = await set({ key: "version", value }, { env });
  expect([exit, written]).toEqual([0, { [path]: `${JSON.stringify(text)}\n` }]);
});

test("keeps a document as it is written", async () => {
  const json = '{ "id": 12345678901234567890,\n  "list": [1.0] }';
  expect(await set({ key: "version", file: "out.json" }, { files: { "out.json": `${json}\n\n` } })).toEqual({
    exit: 0,
    lines: ["Set the output `version` (47 bytes of JSON)."],
    written: { [path]: `${json}\n` },
  });
});

test("takes one megabyte and not a byte more, counted as they are stored", async () => {
  const sized = (bytes: number) => ({ "out.json": JSON.stringify("ü".repeat((bytes - 2) / 2)) });
  const fits = await set({ key: "version", file: "out.json" }, { files: sized(1_000_000) });
  expect(fits.exit).toBe(0);
  expect(await set({ key: "version", file: "out.json" }, { files: sized(1_000_002) })).toEqual({
    exit: 2,
    lines: [
      "Error: The output `version` has 1000002 bytes as JSON; 1000000 are allowed. (output.invalid)",
      "  - Store what is large as an artifact, and set where it is, or its revision, as the output.",
    ],
    written: {},
  });
});

const keyHint = "  - Use up to 64 letters, digits, dashes and underscores, a letter first.";

test.each([
  [{ key: "1st", value: "a" }, ['Parameter `key` is no key for an output: "1st".', keyHint]],
  [{ key: "../up", value: "a" }, ['Parameter `key` is no key for an output: "../up".', keyHint]],
  [
    { key: "k".repeat(65), value: "a" },
    [`Parameter \`key\` is no key for an output: "${"k".repeat(65)}".`, keyHint],
  ],
  [
    { key: "version", value: "${NOPE}" },
    [
      "Parameter `value` uses ${NOPE}, but there is no environment variable NOPE.",
      "  - Set it in the job's `environment`, a context or the project; what an earlier step exports must be written to $BASH_ENV.",
    ],
  ],
  [
    { key: "version", value: "a", file: "out.json" },
    ["Both `value` and `file` say what the output `version` is.", "  - Give one of the two."],
  ],
  [
    { key: "version" },
    [
      "Neither `value` nor `file` says what the output `version` is.",
      "  - Give one of the two; what is computed may have come out empty.",
    ],
  ],
])("refuses %j and writes nothing", async (parameters, [message, ...hints]) => {
  expect(await set(parameters)).toEqual({
    exit: 2,
    lines: [`Error: ${message} (parameter.invalid)`, ...hints],
    written: {},
  });
});

test.each([
  [
    "no JSON",
    { "out.json": "version: 1" },
    [
      "Error: out.json is no JSON document. (output.invalid)",
      "  - For a plain text use `value`, which takes it as it is.",
      expect.stringContaining("caused by: Unexpected token"),
    ],
  ],
  [
    "empty",
    { "out.json": "" },
    [
      "Error: out.json is no JSON document. (output.invalid)",
      "  - For a plain text use `value`, which takes it as it is.",
      "  caused by: Unexpected end of JSON input",
    ],
  ],
  [
    "missing",
    {},
    [
      "Error: There is no file out.json. (output.invalid)",
      "  - Write the path as it is seen from the job's working directory; an earlier step must make it.",
    ],
  ],
])("refuses a file that is %s", async (_, files, lines) => {
  expect(await set({ key: "version", file: "out.json" }, { files })).toEqual({ exit: 2, lines, written: {} });
});

const pem = '-----BEGIN KEY-----\nabc"def\n-----END KEY-----\n';

test.each<[string, string, string, Readonly<Record<string, string>>]>([
  ["the token", "CIRCLE_TOKEN", "s3cret-t0ken", { value: "${CIRCLE_TOKEN}" }],
  ["a text with a password in it", "DB_PASSWORD", "hunter2hunter2", { value: "db://me:${DB_PASSWORD}@db" }],
  ["a document with a secret", "npm_secret", "abcdefgh", { file: "out.json" }],
  ["a key of several lines", "DEPLOY_KEY", pem, { value: "${DEPLOY_KEY}" }],
])("refuses %s, and stores and shows nothing of it", async (_, variable, secret, parameters) => {
  const files = { "out.json": JSON.stringify({ npm: `x${secret}y` }) };
  const { exit, lines, written } = await set(
    { key: "version", ...parameters },
    { env: { OTHER: "1", [variable]: secret }, files },
  );
  expect([exit, lines, written]).toEqual([
    2,
    [
      `Error: The output \`version\` holds what ${variable} holds, and everybody who sees this pipeline could read it. (output.invalid)`,
      "  - Give the parent's jobs a context of their own with the secret. Nothing was stored.",
      `  - If it is none: a variable whose name has TOKEN, SECRET, PASSWORD or KEY in it is taken for one, so give ${variable} another name.`,
    ],
    {},
  ]);
  expect(lines.join("\n")).not.toContain(secret.slice(0, 8));
});

test.each([
  ["a variable of another name", { VERSION: "1.2.3-beta" }, "${VERSION}"],
  ["a value that is short enough to be there by chance", { TOKEN: "1.2.3" }, "${TOKEN}"],
  ["a credential that is empty", { API_TOKEN: "" }, "anything"],
])("takes %s for no secret", async (_, env, value) => {
  expect((await set({ key: "version", value }, { env })).exit).toBe(0);
});

test("takes its own parameters for no secret", async () => {
  expect((await set({ key: "version-of-it", value: "version-of-it is 1" })).exit).toBe(0);
});

test("hands on an output of a child whose key looks like a credential, and no secret of a name like that", async () => {
  const env = { CIRCLEBACK_MY_LIB_CACHE_KEY: "deps-0815-42", CIRCLEBACK_API_KEY: "s3cret-t0ken" };
  const files = { ".circleback/outputs/my-lib.json": '{ "cache-key": "deps-0815-42" }', "own.json": '"a"' };
  const exits = [];
  for (const value of ["${CIRCLEBACK_MY_LIB_CACHE_KEY}", "${CIRCLEBACK_API_KEY}"]) {
    exits.push((await set({ key: "version", value }, { env, files })).exit);
  }
  expect(exits).toEqual([0, 2]);
});
