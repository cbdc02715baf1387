import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { basename, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { realHost } from "../../src/host/real.ts";
import { makeFolder } from "../support/folders.ts";
import { writeScenario } from "../support/simulator.ts";

interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(...args: readonly string[]): Promise<Result> {
  let out = "";
  let err = "";
  const terminal = {
    screen: {
      write: (text: string) => {
        out += text;
      },
      size: () => null,
      hasColor: false,
    },
    err: (text: string) => {
      err += text;
    },
    openHost: realHost,
  };
  return { code: await runCommandLine(args, terminal), out, err };
}

function config(command: string): string {
  return `
version: 2.1
parameters:
  who: { type: string, default: world }
  times: { type: integer, default: 1 }
  loud: { type: boolean, default: false }
jobs:
  build: { docker: [{ image: "cimg/base:current" }], steps: [run: ${JSON.stringify(command)}] }
workflows:
  w: { jobs: [build] }
`;
}

function scenario(command: string): string {
  return writeScenario({ "gh/acme/app": config(command) }, "trigger: [{ project: gh/acme/app }]");
}

test.each([
  ["success", "true", [], 0],
  ["failure", "exit 3", [], 1],
  ["a timeout", "sleep 60", ["--timeout", "400ms"], 8],
])("run ends with the exit code of %s", async (_, command, more, code) => {
  expect((await run("simulate", "run", scenario(command), ...more)).code).toBe(code);
});

test("run writes its reports where it is told, and keeps the artifacts that they name", async () => {
  const folder = makeFolder();
  const file = writeScenario(
    {
      "gh/acme/app": `
version: 2.1
jobs:
  build:
    docker: [{ image: "cimg/base:current" }]
    steps: [run: 'echo "$PASSWORD" > a; cat a', store_artifacts: { path: a }]
workflows:
  w: { jobs: [build: { context: secret }] }
`,
    },
    `
contexts: { secret: { PASSWORD: tell-nobody } }
trigger: [{ project: gh/acme/app }]
`,
  );
  const [json, html, out] = ["report.json", "report.html", "jobs"].map((name) => join(folder, name));
  if (json === undefined || html === undefined || out === undefined)
    throw new Error("Three names are given.");
  const result = await run("simulate", "run", file, "--json", json, "--html", html, "--out", out);
  const report = JSON.parse(readFileSync(json, "utf8"));
  const [job] = report.pipelines[0].workflows[0].jobs;
  expect({
    code: result.code,
    err: result.err,
    says: [json, html, out].map((path) => result.out.includes(path)),
    outcome: report.outcome,
    artifact: [job.artifacts[0].file.startsWith(out), readFileSync(job.artifacts[0].file, "utf8")],
    leaks: [json, html].map((path) => readFileSync(path, "utf8").includes("tell-nobody")),
  }).toEqual({
    code: 0,
    err: "",
    says: [true, true, true],
    outcome: "success",
    artifact: [true, "tell-nobody\n"],
    leaks: [true, false],
  });
});

test("run says what a scenario wanted and could not have", async () => {
  const file = writeScenario(
    { "gh/acme/app": config("true") },
    `
trigger: [{ project: gh/acme/app }]
events: [{ on: { job: build, status: success }, do: approve }]
`,
  );
  expect((await run("simulate", "run", file)).err).toBe(
    'Warning: The event on {"job":"build","status":"success"} could not approve: The job is not an approval job.\n',
  );
});

const usage = "circleback simulate run --help";

test.each([
  [["simulat"], "There is no command simulat.", "circleback simulate"],
  [["deploy"], "There is no command deploy.", "circleback --help"],
  [["simulate"], "simulate needs a command.", "circleback --help"],
  [["simulate", "rnu"], "There is no command simulate rnu.", "circleback simulate run"],
  [["simulate", "run"], "simulate run needs a scenario file.", usage],
  [["simulate", "run", "a", "b"], "simulate run takes one file, but was also given b.", usage],
  [["simulate", "run", "a", "--jsn", "x"], "There is no option --jsn: did you mean --json?", usage],
  [["simulate", "run", "a", "--json"], "Option '--json <value>' argument missing", usage],
  [
    ["simulate", "run", "a", "--timeout", "5"],
    '--timeout must be a duration such as 30s, 5m or 1m30s, not "5".',
    "circleback simulate run SCENARIO --timeout 120s",
  ],
  [
    ["simulate", "serve", "a", "--port", "http"],
    '--port must be a number from 0 to 65535, not "http".',
    "circleback simulate serve SCENARIO --port 8080",
  ],
])("refuses %j", async (args, message, hint) => {
  expect(await run(...args)).toEqual({ code: 2, out: "", err: `Error: ${message}\nTry: ${hint}\n` });
});

test("refuses a bad scenario with all of its problems, and runs nothing", async () => {
  const folder = makeFolder({
    "bad.yml": "projects: { gh/acme/app: { path: app, brunches: [] } }\ntriggr: []",
  });
  const file = join(folder, "bad.yml");
  expect(await run("simulate", "run", file, "--json", join(folder, "report.json"))).toEqual({
    code: 2,
    out: "",
    err: `Error: ${file} is not a scenario that can be run.
  The scenario has an unknown key "triggr": did you mean "trigger"? (known: orbs, projects, tokens, contexts, trigger, faults, events).
  projects.gh/acme/app has an unknown key "brunches": did you mean "branches"? (known: path, branches, environment, ssh-keys).
`,
  });
  expect(existsSync(join(folder, "report.json"))).toBe(false);
});

test.each([
  [["--help"], "circleback simulate run SCENARIO"],
  [["simulate", "--help"], "circleback simulate run SCENARIO"],
  [["simulate", "run", "--help"], "--timeout DURATION"],
  [["simulate", "serve", "--help"], "--port N"],
  [["simulate", "compile", "--help"], "--orb NAME=FILE"],
  [["--version"], "."],
])("helps with %j", async (args, text) => {
  expect(await run(...args)).toEqual({ code: 0, out: expect.stringContaining(text), err: "" });
});

test("compile prints the configuration with its parameters, typed as declared, and its orbs", async () => {
  const folder = makeFolder({
    "config.yml": `
version: 2.1
orbs: { tools: acme/tools@1 }
parameters:
  who: { type: string, default: world }
  times: { type: integer, default: 1 }
workflows:
  w: { jobs: [tools/greet: { who: << pipeline.parameters.who >>, times: << pipeline.parameters.times >> }] }
`,
    "orb.yml": `
version: 2.1
jobs:
  greet:
    parameters: { who: { type: string }, times: { type: integer } }
    docker: [{ image: "cimg/base:current" }]
    steps: [run: echo << parameters.who >> << parameters.times >>]
`,
  });
  const result = await run(
    ...[
      "simulate",
      "compile",
      join(folder, "config.yml"),
      "--orb",
      `acme/tools@1=${join(folder, "orb.yml")}`,
    ],
    ...["--parameter", "who=5", "--parameter", "times=5"],
  );
  expect(result).toEqual({ code: 0, out: expect.stringContaining("command: echo 5 5\n"), err: "" });
});

test("compile names the places of all errors", async () => {
  const folder = makeFolder({ "config.yml": "version: 2.1\nworkflows: { w: { jobs: [nowhere] } }\n" });
  const file = join(folder, "config.yml");
  const { code, out, err } = await run("simulate", "compile", file);
  expect([code, out, err.split("\n")[0]]).toEqual([1, "", `Error: ${file} does not compile.`]);
  expect(err).toContain("nowhere");
});

test("compile refuses files that it cannot read", async () => {
  const { code, err } = await run("simulate", "compile", "/nowhere/config.yml");
  expect([code, err.split("\n")[0]]).toEqual([2, "Error: /nowhere/config.yml cannot be read (ENOENT)."]);
});

test("serve says that its port is taken", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void other.close());
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const result = await run("simulate", "serve", scenario("true"), "--port", String(port));
  expect(result).toEqual({
    code: 2,
    out: "",
    err: `Error: Port ${port} is in use by another program.\nTry: another number, or no --port for any free one\n`,
  });
});

/** Starts the real program and waits until it has printed the text. */
async function start(
  args: readonly string[],
  text: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ child: ChildProcess; out: string }> {
  const child = spawn(process.execPath, ["--import", "tsx", "src/cli/main.ts", ...args], {
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...process.env, ...env },
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  let out = "";
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    out += String(chunk);
    if (out.includes(text)) return { child, out };
  }
  throw new Error(`The program ended without saying ${text}: ${out}`);
}

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("serve answers until %s and tells how to call it", async (signal, code) => {
  const file = writeScenario(
    { "gh/acme/app": config("true") },
    "tokens: { secret: { login: release-bot, projects: [gh/acme/app] } }",
  );
  const { child, out } = await start(["simulate", "serve", file], "config.yml\n");
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(out)?.[0];
  const answer = await fetch(`${url}/api/v2/me`, { headers: { "circle-token": "secret" } });
  const { login } = (await answer.json()) as { login: string };
  const ended = once(child, "exit");
  child.kill(signal);
  expect([login, out.split("\n"), (await ended)[0]]).toEqual([
    "release-bot",
    [
      `API v2 answers at ${url}/api/v2 until you press Ctrl-C.`,
      "  token secret belongs to release-bot and sees gh/acme/app",
      "Try:",
      `  curl -H 'Circle-Token: secret' ${url}/api/v2/me`,
      `  curl -H 'Circle-Token: secret' -X POST -H 'Content-Type: application/json' -d '{}' ${url}/api/v2/project/gh/acme/app/pipeline`,
      `  circleci config validate --host ${url} .circleci/config.yml`,
      "",
    ],
    code,
  ]);
});

test.each([
  ["SIGINT", 130],
  ["SIGHUP", 129],
] as const)("a run that %s ends leaves no job and no folder behind", async (signal, code) => {
  const temporary = makeFolder();
  const file = scenario("echo $$ > $TMPDIR/../../../../pid; exec sleep 60");
  const { child } = await start(["simulate", "run", file], "queued → running", { TMPDIR: temporary });
  const pidFile = await findFile(temporary, "pid");
  const pid = Number(readFileSync(pidFile, "utf8"));
  // Whatever runs TypeScript here leaves a folder of its own.
  const jobRoots = () => readdirSync(temporary).filter((name) => name.startsWith("circleback-"));
  const wasAlive = isAlive(pid) && jobRoots().length === 1;
  const ended = once(child, "exit");
  child.kill(signal);
  expect([wasAlive, (await ended)[0], isAlive(pid), jobRoots()]).toEqual([true, code, false, []]);
});

test("a run whose reader goes away ends when it has something to say", async () => {
  const temporary = makeFolder();
  const twoJobs = config("sleep 1").replace(
    "jobs: [build]",
    "jobs: [build, { build: { name: later, requires: [build] } }]",
  );
  const file = writeScenario({ "gh/acme/app": twoJobs }, "trigger: [{ project: gh/acme/app }]");
  const { child } = await start(["simulate", "run", file], "queued → running", { TMPDIR: temporary });
  const ended = once(child, "exit");
  child.stdout?.destroy();
  expect((await ended)[0]).toBe(141);
  expect(readdirSync(temporary).filter((name) => name.startsWith("circleback-"))).toEqual([]);
});

/** Waits for a file that another program is about to write. */
async function findFile(folder: string, name: string): Promise<string> {
  for (;;) {
    const [found] = readdirSync(folder, { recursive: true }).filter(
      (path) => basename(String(path)) === name,
    );
    if (found !== undefined && readFileSync(join(folder, String(found)), "utf8").endsWith("\n")) {
      return join(folder, String(found));
    }
    await setTimeout(20);
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test.each(["--json", "--html", "--out"])(
  "refuses a place for %s that cannot be written before anything runs",
  async (option) => {
    const place = "/proc/no-such-place/report";
    const { code, out, err } = await run("simulate", "run", scenario("true"), option, place);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(new RegExp(`^Error: ${option} ${place} cannot be (written|used): ENOENT`));
  },
);
