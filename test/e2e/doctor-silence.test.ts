import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { makeFolder } from "../support/folders.ts";
import { run } from "../support/run.ts";

const program = join(import.meta.dirname, "../../dist/circleback.js");
const config = join(import.meta.dirname, "../../examples/circleback/app/.circleci/config.yml");

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

async function askAt(host: string) {
  const start = Date.now();
  const args = [program, "doctor", config, "--project", "gh/acme/app", "--host", host];
  const env = { PATH: process.env.PATH, HOME: makeFolder(), CIRCLE_TOKEN: "never-shown" };
  const result = await run(process.execPath, args, { env });
  expect(result.output).not.toContain("never-shown");
  return { ...result, seconds: (Date.now() - start) / 1000 };
}

/** The address of a server; `answer` null: it takes requests and never says a word. */
async function serve(answer: number | null, text = ""): Promise<string> {
  const server = createServer((_, response) => {
    if (answer !== null) response.writeHead(answer).end(text);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function closedPort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

test("hides the token where the answer repeats it", async () => {
  const { stdout } = await askAt(await serve(418, "You sent never-shown."));
  expect(stdout).toContain('was answered 418: "You sent [secret]."');
});

// Two minutes is how long a command of the orb would go on asking: half of that leaves room for a slow machine.
const patience = 60;

test.concurrent.each([
  [
    "nobody listens",
    closedPort,
    /GET \/me got no answer from http:\/\/127\.0\.0\.1:\d+: connect ECONNREFUSED/,
  ],
  [
    "there is no such host",
    async () => "https://nowhere.invalid",
    /got no answer from https:\/\/nowhere\.invalid: /,
  ],
  [
    "the server never answers",
    () => serve(null),
    /got no answer from http:\/\/127\.0\.0\.1:\d+: no answer within 10 s/,
  ],
  ["the server only fails", () => serve(503), /GET \/me was answered 503/],
])("ends soon, with its checklist, where %s", async (_, host, reason) => {
  const { exitCode, stdout, seconds } = await askAt(await host());
  const [, problem, ...rest] = stdout.split("\n");
  expect(problem).toMatch(/^ {2}PROBLEM {2}/);
  expect(problem).toMatch(reason);
  expect(rest.filter((line) => !line.startsWith("           Try: ")).join("\n")).toBe(`
Projects, jobs and contexts
  unknown  not looked at: CircleCI has to know the token first

1 problem in 2 checks, 1 not known.
`);
  expect(exitCode).toBe(1);
  expect(seconds).toBeLessThan(patience);
});
