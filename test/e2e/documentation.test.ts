import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { Row } from "../../scripts/bench/row.ts";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { readOrbs } from "../../src/cli/read-orbs.ts";
import { compile } from "../../src/simulator/compiler/compile.ts";
import { loadScenario } from "../../src/simulator/scenario/load-scenario.ts";
import { simulate } from "../../src/simulator/simulate.ts";
import { circleci, hasCircleciCli } from "../support/circleci-cli.ts";
import { createFakeHost } from "../support/fake-host.ts";
import { makeFolder } from "../support/folders.ts";

const root = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const orb = read("dist/orb.yml");

const pages = execFileSync("git", ["ls-files", "*.md"], { cwd: root, encoding: "utf8" }).trim().split("\n");

/** The fenced blocks of a page in one language; "" are command lines. */
function blocksOf(page: string, language: string): readonly string[] {
  const blocks = read(page).matchAll(/^( *)```(\w*)\n([\s\S]*?)^\1```$/gm);
  return [...blocks].flatMap(([, margin, name, body = ""]) =>
    name === language ? [body.replaceAll(new RegExp(`^${margin}`, "gm"), "")] : [],
  );
}

/** As GitHub makes anchors of headings. */
function anchorsOf(path: string): readonly string[] {
  return [...readFileSync(path, "utf8").matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

test.each(pages)("every link in %s into this repository leads somewhere", (page) => {
  const links = [...read(page).matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)].map(
    ([, link, image]) => link ?? image ?? "",
  );
  const broken = links
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? join(root, page) : resolve(root, dirname(page), path);
      return !existsSync(target) || (anchor !== undefined && !anchorsOf(target).includes(anchor));
    });
  expect(broken).toEqual([]);
});

const configurations = blocksOf("README.md", "yaml").filter((text) => text.startsWith("version:"));
const [scenario = "", ...moreScenarios] = blocksOf("README.md", "yaml").filter((text) =>
  text.startsWith("orbs:"),
);

describe("the README", () => {
  test("has no YAML that nobody checks", () => {
    expect(configurations.length).toBeGreaterThan(2);
    expect(moreScenarios).toEqual([]);
    expect(blocksOf("README.md", "yaml")).toHaveLength(configurations.length + 1);
  });

  test.each(configurations.map((source, index) => [index + 1, source] as const))(
    "shows a configuration that compiles: %i",
    (_, source) => {
      const orbs = new Map([["acme/circleback@1", orb]]);
      const values = { number: 1, "git.branch": "main" };
      expect(compile({ source, orbs, parameters: {}, values })).toMatchObject({ ok: true });
    },
  );

  test("names the executor of the jobs", () => {
    const { parameters, docker } = parse(read("orb/executors/default.yml"));
    expect(docker).toEqual([{ image: "cimg/node:<< parameters.tag >>" }]);
    expect(read("README.md")).toContain(`Jobs run on \`cimg/node:${parameters.tag.default}\``);
  });

  test("shows a scenario that plays its parent and its child, with the fault and the event that it names", async () => {
    const [parent = "", child = ""] = configurations;
    const folder = makeFolder({
      "app/.circleci/config.yml": parent,
      // Nothing of the child's own is here to be tested, and its job is cancelled while it runs.
      "integration/.circleci/config.yml": child.replace("npm ci && npm test", "sleep 60"),
      "simulation/dist/orb.yml": orb,
      "simulation/scenario.yml": scenario,
    });
    const loaded = loadScenario(join(folder, "simulation/scenario.yml"));
    const report = await simulate(loaded, { jobRoot: makeFolder(), timeout: 60_000 });
    // Only a sweep wakes the parent of a child that was cancelled.
    expect({ outcome: report.outcome, unused: report.unused }).toEqual({
      outcome: "on_hold",
      unused: { faults: [], events: [] },
    });
  });
});

test("the README quotes every row of the bench, with the day and the machine", async () => {
  const [, quoted = ""] =
    /<!-- bench: .*?-->\n\n(.*)\n\n<!-- end of bench -->/s.exec(read("README.md")) ?? [];
  expect(quoted).toMatch(
    /^Measured on \d{4}-\d\d-\d\d at commit [0-9a-f]{7}(?: with changes)?, on \d+ cores of /,
  );
  const folder = join(root, "scripts/bench");
  const names = readdirSync(folder).flatMap((name) => /^(.*)\.row\.ts$/.exec(name)?.[1] ?? []);
  const rows = await Promise.all(
    names.sort().map(async (name) => (await import(join(folder, `${name}.row.ts`))).row as Row),
  );
  const lines = quoted.split("\n").filter((line) => line.startsWith("| "));
  const cells = lines
    .slice(2)
    .map((line) => line.slice(2, -2).split(" | "))
    .map((row) => row.map((cell) => cell.replaceAll("\\|", "|")));
  expect(cells.map(([title, ...rest]) => [title, rest.at(-1)])).toEqual(
    rows.map(({ title, against }) => [title, against]),
  );
});

/** What stands in a sentence and is to be typed, without the variables before it. */
function spokenLines(page: string): readonly string[] {
  const spans = read(page)
    .replace(/^( *)```[\s\S]*?^\1```$/gm, "")
    .matchAll(
      /`(?:[A-Z_]+=\S+ )*((?:npx circleback|npm (?:ci|run|start|test)|circleci (?:config|namespace|orb)|scripts\/)[^`]*)`/g,
    );
  return [...spans].map(([, line = ""]) => line);
}

const commandLines = pages.flatMap((page) =>
  [...blocksOf(page, "").flatMap((block) => block.split("\n")), ...spokenLines(page)]
    .flatMap((line) => line.replace(/#.*/, "").split("&&"))
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => [page, line] as const),
);

test("there are command lines to check", () => expect(commandLines.length).toBeGreaterThan(8));

test.each(commandLines)("a command line of %s can be run: %s", async (_, line) => {
  const [program = "", ...args] = line.replace(/^sudo /, "").split(" ");
  const { scripts } = JSON.parse(read("package.json"));
  const file = args.find((arg) => /\.ts$/.test(arg));
  if (program === "npm") {
    const [verb = "", name = ""] = args;
    expect(["ci", "start", "test", "pack"].includes(verb) || (verb === "run" && name in scripts)).toBe(true);
    const [, source = ""] = /tsx (\S+\.ts)$/.exec(scripts[name] ?? "") ?? [];
    const options = optionsOf(args);
    if (verb === "run" && options.length > 0)
      expect(wordsOf(read(source))).toEqual(expect.arrayContaining([...options]));
  } else if (program === "npx" && args[0] === "circleback") {
    expect(await explain(args.slice(1))).toContain(`circleback ${args[1] ?? ""}`);
  } else if ((program === "npx" && ["vitest", "tsx"].includes(args[0] ?? "")) || program === "node") {
    expect(file !== undefined && existsSync(join(root, file))).toBe(true);
  } else {
    const isOurs = readdirSync(join(root, "scripts")).includes(program.replace("scripts/", ""));
    expect(isOurs || ["git", "cd", "export", "circleci"].includes(program)).toBe(true);
  }
});

const circleciLines = commandLines.filter(([, line]) => line.startsWith("circleci "));

describe.runIf(hasCircleciCli())("CircleCI's own program", () => {
  test("is asked for something", () => expect(circleciLines.length).toBeGreaterThan(3));

  test.each(circleciLines)("knows the command and the options of a line of %s: %s", async (_, line) => {
    const [, group = "", verb = "", ...args] = line.split(" ");
    const { exitCode, output } = await circleci([group, verb, "--help"], makeFolder());
    expect(exitCode).toBe(0);
    expect(output).toMatch(new RegExp(`\\bcircleci ${group} ${verb}\\s`));
    expect(wordsOf(output)).toEqual(expect.arrayContaining([...optionsOf(args)]));
  });
});

/** The long options of a command line. */
function optionsOf(args: readonly string[]): readonly string[] {
  return args.filter((arg) => /^--./.test(arg)).map((arg) => arg.replace(/=.*/, ""));
}

/** Whatever looks like a long option in a text. */
function wordsOf(text: string): readonly string[] {
  return [...text.matchAll(/--[a-z][a-z-]*/g)].map(([word]) => word);
}

/** What the command says of itself when it is asked with just these options: an unknown one is refused. */
async function explain(args: readonly string[]): Promise<string> {
  let said = "";
  const write = (text: string) => {
    said += text;
  };
  const screen = { write, size: () => null, hasColor: false };
  const known = optionsOf(args);
  readOrbs(args.flatMap((arg, index) => (arg === "--orb" ? [args[index + 1] ?? ""] : [])));
  const help = [
    ...args.filter((arg) => !arg.startsWith("--")).slice(0, args[0] === "simulate" ? 2 : 1),
    "--help",
  ];
  await runCommandLine(help, { screen, err: write, openHost: () => createFakeHost({}) });
  expect(wordsOf(said)).toEqual(expect.arrayContaining([...known]));
  return said;
}
