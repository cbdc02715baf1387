import { expect, test } from "vitest";
import { host, projectSlug, token } from "../../../src/circleci/parameters.ts";
import { defineCommand, variableOf } from "../../../src/orb/define-command.ts";
import { boolean, duration, requireSecret, string } from "../../../src/orb/parameter.ts";
import { readInput } from "../../../src/orb/read-input.ts";
import { parseReceiptName } from "../../../src/protocol/receipt-name.ts";

const words = { name: "sample", description: "", jobDescription: "", title: "" };

function read(parameter: Parameters<typeof defineCommand>[0]["parameters"][string], text: string, env = {}) {
  const definition = defineCommand({ ...words, parameters: { value: parameter } });
  return readInput(definition, { ...env, CIRCLEBACK_PARAM_VALUE: text }).value;
}

const described = { description: "" };

test.each([
  ["1", true],
  ["true", true],
  ["0", false],
  ["false", false],
])("reads the boolean %s", (text, value) => {
  expect(read(boolean({ ...described, default: true }), text)).toBe(value);
});

test.each(["yes", "2", ""])("refuses %j as a boolean", (text) => {
  expect(() => read(boolean({ ...described, default: true }), text)).toThrow(
    `Parameter \`value\` is neither true nor false: "${text}".`,
  );
});

test.each([
  ["90s", 90_000],
  ["10m", 600_000],
  ["1h30m", 5_400_000],
  ["14d", 1_209_600_000],
  ["1h 30m", 5_400_000],
  ["250ms", 250],
])("reads the duration %s", (text, value) => {
  expect(read(duration({ ...described, default: "1s" }), text)).toBe(value);
});

test.each(["10", "m", "10 minutes", "1w", "-5s", "1.5h", ""])("refuses %j as a duration", (text) => {
  expect(() => read(duration({ ...described, default: "1s" }), text)).toThrow(`is no duration: "${text}"`);
});

test.each([
  "gh/acme/app",
  "github/acme/app.js",
  "gh/acme/.github",
  "gh/acme/_x",
  "gh/acme/-x",
  "bb/acme/app",
  "circleci/9YytKzouJxzu4TjCRFqAoD/44n9wujWcTnVZ2b5S8Fnat",
])("takes the project slug %s", (slug) => expect(read(projectSlug(""), slug)).toBe(slug));

test.each([
  "acme/app",
  "gh/acme",
  "gh/acme/app/x",
  "svn/acme/app",
  "gh/acme/..",
  "gh/acme/.",
  "gh//app",
  "gh/acme/a%2Fb",
  "gh/acme/a?b",
  "gh/a b/c",
])("refuses the project slug %s", (slug) =>
  expect(() => read(projectSlug(""), slug)).toThrow(`Parameter \`value\` is no project slug: "${slug}".`),
);

test.each([
  ["", {}, "https://circleci.com"],
  ["", { CIRCLE_HOST: "http://127.0.0.1:1234" }, "http://127.0.0.1:1234"],
  ["circleci.example.com", { CIRCLE_HOST: "https://other.example" }, "https://circleci.example.com"],
  ["https://circleci.example.com/", {}, "https://circleci.example.com"],
  ["http://localhost:8080", {}, "http://localhost:8080"],
  ["http://[::1]:8080", {}, "http://[::1]:8080"],
])("takes the host %j", (text, env, origin) => {
  expect(read(host, text, env)).toBe(origin);
});

test.each([
  "http://circleci.example.com",
  "ftp://circleci.com",
  "https://user:pass@circleci.com",
  "https://circleci.com/api",
  "http://127.0.0.1.evil.example",
  "http://localhost@evil.example",
  "https://",
  "not a host",
])("refuses the host %s", (text) => {
  expect(() => read(host, text)).toThrow("is no address that a token may be sent to");
});

test.each(["child", "a.b-c_1"])("takes the receipt name %s", (name) =>
  expect(parseReceiptName(name)).toBe(name),
);

test.each(["", "../x", "a/b", ".hidden", "a b", "x".repeat(65)])("refuses the receipt name %j", (name) => {
  expect(() => parseReceiptName(name)).toThrow("is no name for a receipt");
});

const definition = defineCommand({
  ...words,
  parameters: {
    project: projectSlug(""),
    "start-timeout": duration({ ...described, default: "2m" }),
    branch: string({ ...described, default: "" }),
    tag: string({ ...described, default: "" }),
    token,
  },
  rules: ({ branch, tag }) =>
    branch && tag ? [{ sentence: "`branch` and `tag` are set.", hints: ["Give one of them."] }] : [],
});

const good = {
  [variableOf("project")]: "gh/acme/app",
  [variableOf("start-timeout")]: "1m",
  [variableOf("branch")]: "<nil>",
  [variableOf("tag")]: "v1",
  [variableOf("token")]: "CIRCLE_TOKEN",
  CIRCLE_TOKEN: "very-secret",
};

test("reads an empty pipeline value, which arrives as <nil>, as empty", () => {
  const input = readInput(definition, good);
  expect(input).toMatchObject({ project: "gh/acme/app", startTimeout: 60_000, branch: "", tag: "v1" });
  expect(`${input.token}`).toBe("[secret]");
  expect(input.token.reveal()).toBe("very-secret");
});

test("names every parameter that cannot be used at once", () => {
  const env = {
    ...good,
    [variableOf("project")]: "acme",
    [variableOf("start-timeout")]: "soon",
    CIRCLE_TOKEN: "",
  };
  expect(() => readInput(definition, env)).toThrow(
    expect.objectContaining({
      code: "parameter.invalid",
      message: [
        'Parameter `project` is no project slug: "acme".',
        'Parameter `start-timeout` is no duration: "soon".',
        "Parameter `token` names the environment variable CIRCLE_TOKEN, which is not set.",
      ].join("\n"),
    }),
  );
});

test("has an exit code of its own for a token that is missing", () => {
  expect(() => readInput(definition, { ...good, CIRCLE_TOKEN: "" })).toThrow(
    expect.objectContaining({ code: "circleci.unauthorized", exitCode: 3 }),
  );
});

test("says so where no variable is named that holds the token", () => {
  expect(() => readInput(definition, { ...good, [variableOf("token")]: "" })).toThrow(
    expect.objectContaining({
      code: "circleci.unauthorized",
      message: "Parameter `token` names no environment variable.",
    }),
  );
  expect(() => requireSecret({ variable: "", value: null })).toThrow(
    "The environment variable that holds the secret is not set.",
  );
});

test("refuses a required parameter that is empty", () => {
  expect(() => readInput(definition, { ...good, [variableOf("project")]: "" })).toThrow(
    "Parameter `project` is required, but empty.",
  );
});

test("checks the rules between parameters once each of them is sound", () => {
  expect(() => readInput(definition, { ...good, [variableOf("branch")]: "main" })).toThrow(
    expect.objectContaining({
      code: "parameter.invalid",
      message: "`branch` and `tag` are set.",
      hints: ["Give one of them."],
    }),
  );
});

test.each(["CCIPAT_4vFA_0123456789abcdef", "0123456789abcdef0123456789abcdef01234567"])(
  "does not repeat the token %s where the name of its variable belongs",
  (pasted) => {
    const env = { ...good, [variableOf("token")]: pasted };
    const error = (() => {
      try {
        return readInput(definition, env);
      } catch (caught) {
        return caught;
      }
    })();
    expect(error).toMatchObject({
      code: "parameter.invalid",
      message: "Parameter `token` is a token itself, not the name of an environment variable.",
    });
    expect(JSON.stringify(error)).not.toContain(pasted);
  },
);
