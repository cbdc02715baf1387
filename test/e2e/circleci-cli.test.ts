import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compile } from "../../src/simulator/compiler/compile.ts";
import { circleci, hasCircleciCli } from "../support/circleci-cli.ts";
import { makeFolder } from "../support/folders.ts";
import { readSecondHalf } from "../support/second-half.ts";
import { type ServerProcess, startServer } from "../support/server-process.ts";

const root = join(import.meta.dirname, "../..");
const orbFile = join(root, "dist/orb.yml");
const orbs = new Map([["acme/circleback@1", readFileSync(orbFile, "utf8")]]);

const config = `version: 2.1
orbs: { circleback: acme/circleback@1 }
parameters:
  project: { type: string, default: gh/acme/integration }
  times: { type: integer, default: 1 }
jobs:
  build:
    docker: [{ image: "cimg/base:current" }]
    parallelism: << pipeline.parameters.times >>
    steps: [checkout, run: echo << pipeline.number >>]
workflows:
  release:
    jobs:
      - build
      - circleback/trigger-and-wait:
          project: << pipeline.parameters.project >>
          approval-job: hold
          requires: [build]
      - hold: { type: approval, requires: [circleback/trigger-and-wait] }
`;

const files = {
  "config.yml": config,
  "broken.yml": config.replace("approval-job: hold", "aproval-job: hold").replace("- build\n", "- biuld\n"),
  "no-yaml.yml": "version: 2.1\njobs: {",
  "parameters.yml": "times: 3\n",
  "orb.yml": `version: 2.1
commands:
  greet: { steps: [run: << parameters.who >>] }
  shout: { steps: [greet: { loud: true }] }
`,
  "app/.circleci/config.yml": config,
  "scenario.yml": `orbs: { acme/circleback@1: ${orbFile} }
projects: { gh/acme/app: { path: app } }
tokens: { good: { login: release-bot, projects: [gh/acme/*] } }
`,
};

async function serve(...args: readonly string[]): Promise<ServerProcess> {
  const program = join(root, "dist/circleback.js");
  return startServer({
    command: process.execPath,
    args: [program, "simulate", "serve", ...args],
    ready: /--host (http:\S+)/,
  });
}

describe.runIf(hasCircleciCli()).concurrent("CircleCI's own program, with the simulator as its host", () => {
  const folder = makeFolder(files);
  let server: ServerProcess;
  let host = "";
  beforeAll(async () => {
    server = await serve(join(folder, "scenario.yml"));
    host = server.match[1] ?? "";
  });
  afterAll(() => server.stop());

  const cli = async (...args: readonly string[]) => {
    const { exitCode, output } = await circleci([...args, "--host", host], folder);
    return { exitCode, output };
  };

  test("validates a configuration", async () => {
    expect(await cli("config", "validate", "config.yml")).toEqual({
      exitCode: 0,
      output: "Config file at config.yml is valid.\n",
    });
  });

  test("prints the configuration that the simulator would run, with parameters from text or a file", async () => {
    const compiled = (parameters: Readonly<Record<string, string | number>>) => {
      const result = compile({ source: config, orbs, parameters, values: { number: 1 } });
      return result.ok ? result.config.yaml : result.errors;
    };
    const processed = async (...args: readonly string[]) =>
      (await cli("config", "process", "config.yml", ...args)).output;
    expect(await processed()).toBe(compiled({}));
    expect(await processed("--pipeline-parameters", "parameters.yml")).toBe(compiled({ times: 3 }));
    expect(await processed("--pipeline-parameters", '{"project": "gh/acme/other"}')).toBe(
      compiled({ project: "gh/acme/other" }),
    );
    expect(compiled({ times: 3 })).not.toBe(compiled({}));
  });

  test("shows every error of a broken configuration", async () => {
    const { exitCode, output } = await cli("config", "validate", "broken.yml");
    expect(exitCode).toBe(255);
    expect(output).toMatch(/^Error: config compilation contains errors: /);
    expect(output).toMatch(/Cannot find a definition for job named biuld$/m);
    expect(output).toMatch(/^Unexpected argument\(s\): aproval-job$/m);
    expect(await cli("config", "process", "broken.yml")).toEqual({ exitCode, output });
  });

  test.for([
    ["whom: you", /Unexpected argument\(s\): whom/],
    ["times: often", /Type error for argument times: expected type: integer/],
  ] as const)("refuses the pipeline parameters %s", async ([parameters, message]) => {
    const { exitCode, output } = await cli(
      "config",
      "process",
      "config.yml",
      "--pipeline-parameters",
      parameters,
    );
    expect({ exitCode, output }).toEqual({ exitCode: 255, output: expect.stringMatching(message) });
  });

  test("says that a file is no YAML", async () => {
    expect(await cli("config", "validate", "no-yaml.yml")).toEqual({
      exitCode: 255,
      output: expect.stringContaining("Unable to parse YAML"),
    });
  });

  test("looks the organization up by its slug", async () => {
    const validate = ["config", "validate", "config.yml", "--token", "good", "--org-slug"] as const;
    const valid = { exitCode: 0, output: "Config file at config.yml is valid.\n" };
    expect(await cli(...validate, "gh/acme")).toEqual(valid);
    expect(await cli(...validate, "github/acme")).toEqual(valid);
    expect(await cli(...validate, "gh/nobody")).toEqual({
      exitCode: 0,
      output: expect.stringContaining("Could not fetch a valid org-id from collaborators endpoint."),
    });
  });

  test("validates the packed orb", async () => {
    expect(await cli("orb", "validate", orbFile)).toEqual({
      exitCode: 0,
      output: `Orb at \`${orbFile}\` is valid.\n`,
    });
  });

  test("shows every error of a broken orb", async () => {
    expect(await cli("orb", "validate", "orb.yml")).toEqual({
      exitCode: 255,
      output:
        "Error: commands.greet.steps.0.run: Arguments referenced without declared parameters: parameters.who\n" +
        "commands.shout.steps.0.greet: Error calling command: 'greet'\nUnexpected argument(s): loud\n",
    });
  });

  test("says that a token is refused", async () => {
    expect(await cli("config", "validate", "config.yml", "--token", "bad")).toEqual({
      exitCode: 255,
      output: "Error: config compilation request returned an error: Invalid token provided.\n",
    });
    expect(await cli("orb", "validate", orbFile, "--token", "bad")).toEqual({
      exitCode: 255,
      output: "Error: Validating config: failure calling GraphQL API: 401 Unauthorized\n",
    });
    expect(await cli("config", "validate", "config.yml", "--token", "bad", "--org-slug", "gh/acme")).toEqual({
      exitCode: 255,
      output: "Error: failed to get the appropriate org-id: You must log in first.\n",
    });
  });

  test("says that nobody answers", async () => {
    const { exitCode, output } = await circleci(
      ["config", "validate", "config.yml", "--host", "http://127.0.0.1:1"],
      folder,
    );
    expect({ exitCode, output }).toEqual({
      exitCode: 255,
      output: expect.stringMatching(/^Error: .*connection refused$/m),
    });
  });

  test("validates every configuration of this repository", async () => {
    const bare = await serve(
      ...["--orb", `acme/circleback@1=${orbFile}`],
      ...["--orb", `circleci/orb-tools@12.3.1=${join(root, "test/support/orb-tools.yml")}`],
    );
    const listed = execFileSync("git", ["ls-files", "*.circleci/config.yml"], {
      cwd: root,
      encoding: "utf8",
    });
    const secondHalf = join(folder, "test-deploy.yml");
    writeFileSync(secondHalf, readSecondHalf());
    const configs = [
      ...listed
        .trimEnd()
        .split("\n")
        .map((path) => join(root, path)),
      secondHalf,
    ];
    const outputs = await Promise.all(
      configs.map((path) => circleci(["config", "validate", path, "--host", bare.match[1] ?? ""], folder)),
    );
    await bare.stop();
    expect(configs.length).toBeGreaterThan(5);
    expect(outputs.map(({ output }) => output)).toEqual(
      configs.map((path) => `Config file at ${path} is valid.\n`),
    );
  });

  test("does what the README shows", async () => {
    const shown = readFileSync(join(root, "README.md"), "utf8").matchAll(
      /^circleci (.* --skip-update-check .*)$/gm,
    );
    const lines = [...shown].map(([, line = ""]) => line);
    expect(lines.length).toBeGreaterThan(2);
    const bare = await serve("--orb", `acme/circleback@1=${orbFile}`);
    const env = { HOME: folder, CIRCLECI_CLI_HOST: bare.match[1] ?? "" };
    const words = (line: string) => line.match(/'[^']*'|\S+/g)?.map((word) => word.replaceAll("'", "")) ?? [];
    const ends = await Promise.all(lines.map((line) => circleci(words(line), root, env)));
    await bare.stop();
    expect(ends.map(({ exitCode }) => exitCode)).toEqual(lines.map(() => 0));
  });

  test("needs no scenario, and minds no token then", async () => {
    const bare = await serve("--orb", `acme/circleback@1=${orbFile}`);
    const validate = ["config", "validate", "config.yml", "--token", "any", "--host", bare.match[1] ?? ""];
    const { exitCode, output } = await circleci(validate, folder);
    await bare.stop();
    expect({ exitCode, output }).toEqual({ exitCode: 0, output: "Config file at config.yml is valid.\n" });
  });
});
