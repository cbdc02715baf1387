import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { runBundle, startBundle } from "../support/bundle.ts";
import { makeFolder } from "../support/folders.ts";
import { openService, parameterVariables, type Service } from "../support/service.ts";

/** The built program against the simulator's API: that one step makes one child, whatever goes wrong. */

const secret = "token-that-nobody-may-see";

const projects = {
  "gh/acme/app": `
version: 2.1
jobs:
  any: { docker: [{ image: "cimg/base:stable" }], steps: [checkout] }
workflows:
  release:
    jobs:
      - any: { name: trigger }
      - hold: { type: approval, requires: [trigger] }
`,
  "gh/acme/lib": `
version: 2.1
parameters: { circleback: { type: string, default: "" }, mode: { type: string, default: "" } }
jobs:
  any:
    docker: [{ image: "cimg/base:stable" }]
    environment: { TICKET: << pipeline.parameters.circleback >> }
    steps: [checkout]
workflows:
  w: { jobs: [any: { name: test }] }
`,
};

const path = "/api/v2/project/gh/acme/lib/pipeline";

/** A workflow whose job `trigger` runs and does nothing: what is started in its place goes by its name. */
async function openJob(faults = "[]", childJob: "success" | "never ends" = "success") {
  const service = await openService({
    projects,
    scenario: `
tokens: { ${secret}: { login: release-bot, projects: ["gh/acme/*"] } }
faults: ${faults}
`,
    jobs: { trigger: "never ends", test: childJob },
  });
  const directory = makeFolder();
  const variables = await service.variablesOf("trigger");
  const environment = async (given: Readonly<Record<string, string>>) => ({
    ...variables,
    ...(await parameterVariables("trigger-and-wait", {
      project: "gh/acme/lib",
      "approval-job": "hold",
      ...given,
    })),
    CIRCLE_TOKEN: secret,
  });
  return {
    service,
    directory,
    start: async (given: Readonly<Record<string, string>> = {}) =>
      startBundle("trigger-and-wait", await environment(given), directory),
    run: async (given: Readonly<Record<string, string>> = {}) => {
      const result = await runBundle("trigger-and-wait", await environment(given), directory);
      return { ...shown(service, result.stdout + result.stderr), exitCode: result.exitCode };
    },
    receipts: () =>
      readdirSync(directory, { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".json"))
        .map((name) => JSON.parse(readFileSync(join(directory, name), "utf8"))),
  };
}

function shown(service: Service, output: string) {
  return { says: service.withNames(output).trimEnd().split("\n"), leaks: output.includes(secret) };
}

function children(service: Service): readonly string[] {
  return service.pipelines
    .filter(({ project }) => project.slug === "gh/acme/lib")
    .map(({ number }) => `#${number}`);
}

function posts(service: Service): readonly string[] {
  return service.calls().filter((call) => call.startsWith("POST"));
}

const look = "GET /workflow/release/job 200";
const post = "POST /project/gh/acme/lib/pipeline";

describe.concurrent("a step that is run again by itself", () => {
  test("attaches to the child that it has triggered", async () => {
    const job = await openJob();
    const first = await job.run();
    const [receipt] = job.receipts();
    const second = await job.run();
    expect([first.exitCode, second.exitCode, children(job.service)]).toEqual([0, 0, ["#1"]]);
    expect(second.says).toEqual([
      "An earlier run of this step has already triggered gh/acme/lib #1.",
      "gh/acme/lib #1 has started: http://circleci/pipelines/github/acme/lib/1",
      "This workflow now sleeps on `hold`, free of charge, until the child wakes it.",
    ]);
    expect(job.service.calls()).toEqual([
      look,
      `${post} 201`,
      "GET /pipeline/gh/acme/lib#1/workflow 200",
      look,
      "GET /pipeline/gh/acme/lib#1/workflow 200",
    ]);
    expect(job.receipts()).toEqual([receipt]);
  });

  test("looks for the child whose answer was lost, in this run or the next", async () => {
    const slow = `{ method: GET, path: ${path}, then: { delay: 20s } }`;
    const job = await openJob(
      `[{ method: POST, path: ${path}, then: { status: 502, after: accepted } }, ${slow}]`,
    );
    const step = await job.start();
    await step.untilItSays("Triggering gh/acme/lib");
    await expect.poll(() => posts(job.service), { timeout: 5000 }).toEqual([`${post} 502`]);
    step.child.kill("SIGTERM");
    expect((await step.result).exitCode).toBe(6);
    expect(await job.run()).toEqual({
      exitCode: 0,
      leaks: false,
      says: [
        "Found it: gh/acme/lib #1.",
        "An earlier run of this step has already triggered gh/acme/lib #1.",
        "gh/acme/lib #1 has started: http://circleci/pipelines/github/acme/lib/1",
        "This workflow now sleeps on `hold`, free of charge, until the child wakes it.",
        "Warning: An earlier run asked for a pipeline of gh/acme/lib and never learnt whether it was made. Looking for the pipeline that carries its ticket …",
      ],
    });
    expect([posts(job.service), children(job.service)]).toEqual([[`${post} 502`], ["#1"]]);
  });

  test("does not trigger again where the service does not show what it has made", async () => {
    const blind = (part: string) =>
      `{ method: GET, path: "/api/v2/pipeline/*/${part}", times: 1000, then: { status: 404 } }`;
    const job = await openJob(
      `[{ method: POST, path: ${path}, then: { status: 502, after: accepted } }, ${blind("values")}, ${blind("config")}]`,
    );
    const sentence = `${post} was answered 502: "Bad Gateway": the child may or may not have been triggered`;
    expect(await job.run()).toEqual({
      exitCode: 4,
      leaks: false,
      says: [
        "Triggering gh/acme/lib …",
        `Warning: ${sentence}. Looking for the pipeline that carries its ticket …`,
        `Error: ${sentence}; #1 cannot be looked into. (trigger.ambiguous)`,
        "  - Look at the child project's newest pipelines before you run this job again: it does not trigger twice by itself.",
      ],
    });
    expect(job.receipts().map(({ pipeline }) => pipeline)).toEqual([null]);
    expect([posts(job.service), children(job.service)]).toEqual([[`${post} 502`], ["#1"]]);
  });

  test("tries again where the request was refused", async () => {
    const job = await openJob(`[{ method: POST, path: ${path}, then: { status: 400 } }]`);
    const first = await job.run();
    expect([first.exitCode, job.receipts(), (await job.run()).exitCode, children(job.service)]).toEqual([
      4,
      [],
      0,
      ["#1"],
    ]);
  });

  test("starts anew in another workflow that kept its folder", async () => {
    const [job, other] = [await openJob(), await openJob()];
    await job.run();
    const env = {
      ...(await other.service.variablesOf("trigger")),
      ...(await parameterVariables("trigger-and-wait", { project: "gh/acme/lib", "approval-job": "hold" })),
      CIRCLE_TOKEN: secret,
    };
    const { exitCode } = await runBundle("trigger-and-wait", env, job.directory);
    expect([exitCode, children(other.service)]).toEqual([0, ["#1"]]);
  });
});

describe.concurrent("an answer that is lost", () => {
  test.each(["{ drop: true, after: accepted }", "{ status: 500, after: accepted }"])(
    "is made up for by a look at the project's pipelines: %s",
    async (then) => {
      const job = await openJob(`[{ method: POST, path: ${path}, then: ${then} }]`);
      job.service.trigger("gh/acme/lib", { circleback: "of somebody else" });
      const { exitCode, says } = await job.run();
      expect([exitCode, says[1], children(job.service), posts(job.service).length]).toEqual([
        0,
        "Found it: gh/acme/lib #2.",
        ["#1", "#2"],
        1,
      ]);
      expect(job.receipts().map(({ pipeline }) => pipeline.number)).toEqual([2]);
    },
  );

  test("is found in the configuration alone, where the service hides the values", async () => {
    const hidden = '{ method: GET, path: "/api/v2/pipeline/*/values", times: 1000, then: { status: 404 } }';
    const job = await openJob(
      `[{ method: POST, path: ${path}, then: { status: 502, after: accepted } }, ${hidden}]`,
    );
    expect([(await job.run()).exitCode, posts(job.service).length]).toEqual([0, 1]);
  });

  test("is ambiguous for good when the request took no effect, and names what is not it", async () => {
    const job = await openJob(`[{ method: POST, path: ${path}, then: { status: 500 } }]`);
    job.service.trigger("gh/acme/lib");
    const { exitCode, says } = await job.run();
    expect([exitCode, says[2], posts(job.service), children(job.service)]).toEqual([
      4,
      `Error: ${post} was answered 500: "Internal Server Error": the child may or may not have been triggered; #1, made at that time, has another ticket or none. (trigger.ambiguous)`,
      [`${post} 500`],
      ["#1"],
    ]);
  });

  test("is asked for again after a 429, which says that nothing was done", async () => {
    const fault = `{ method: POST, path: ${path}, then: { status: 429, headers: { Retry-After: 0 } } }`;
    const job = await openJob(`[${fault}]`);
    const { exitCode } = await job.run();
    expect([exitCode, job.service.calls().slice(1, 3), children(job.service)]).toEqual([
      0,
      [`${post} 429`, `${post} 201`],
      ["#1"],
    ]);
  });
});

describe.concurrent("two triggers in one job", () => {
  test("make two children where each has a receipt of its own", async () => {
    const job = await openJob();
    await job.run({ receipt: "one" });
    const { exitCode } = await job.run({
      receipt: "two",
      parameters: "mode=fast",
      "approval-job": "",
      wait: "0",
    });
    expect([
      exitCode,
      children(job.service),
      job
        .receipts()
        .map(({ receipt }) => receipt)
        .sort(),
    ]).toEqual([0, ["#1", "#2"], ["one", "two"]]);
  });

  test("are refused where both have the same receipt", async () => {
    const job = await openJob();
    await job.run();
    expect(await job.run({ parameters: "mode=fast" })).toEqual({
      exitCode: 2,
      leaks: false,
      says: [
        "Error: The receipt `child` is taken: another trigger of gh/acme/lib in this workflow has written it. (receipt.invalid)",
        "  - Give each trigger of a workflow a `receipt` of its own.",
      ],
    });
    expect(children(job.service)).toEqual(["#1"]);
  });
});

describe.concurrent("a job that is cancelled", () => {
  test("says that the child goes on, and where, however often it is told", async () => {
    const job = await openJob("[]", "never ends");
    const step = await job.start({ "approval-job": "" });
    await step.untilItSays("w is running");
    step.child.kill("SIGTERM");
    // The shell of the step passes on what the whole group has got already.
    const again = setInterval(() => step.child.kill("SIGTERM"), 1);
    step.child.once("exit", () => clearInterval(again));
    const { exitCode, errorCode, stderr } = await step.result;
    expect([exitCode, errorCode, job.service.withNames(stderr)]).toEqual([
      6,
      "job.canceled",
      "Error: This job was cancelled; gh/acme/lib #1 goes on by itself: http://circleci/pipelines/github/acme/lib/1 (job.canceled)\n",
    ]);
  });

  test("takes its child with it where that is asked for", async () => {
    const job = await openJob("[]", "never ends");
    const step = await job.start({ "approval-job": "", "cancel-child": "1" });
    await step.untilItSays("w is running");
    step.child.kill("SIGTERM");
    const { exitCode, stdout, stderr } = await step.result;
    expect([
      exitCode,
      job.service.withNames(stdout).trimEnd().split("\n").at(-1),
      job.service.withNames(stderr),
    ]).toEqual([
      6,
      "Cancelled the workflow w of gh/acme/lib #1.",
      "Error: This job was cancelled, and gh/acme/lib #1 with it: http://circleci/pipelines/github/acme/lib/1 (job.canceled)\n",
    ]);
    expect(job.service.pipelines[1]?.workflows.map(({ status }) => status)).toEqual(["canceled"]);
  });

  test("says of the child that it was asking for where it is, or that it may be there", async () => {
    const job = await openJob(`[{ method: POST, path: ${path}, then: { delay: 20s } }]`);
    const step = await job.start();
    await step.untilItSays("Triggering gh/acme/lib");
    await vi.waitFor(() => expect(children(job.service)).toEqual(["#1"]), { timeout: 5000 });
    step.child.kill("SIGTERM");
    const { exitCode, stderr } = await step.result;
    expect([exitCode, stderr.split("\n")[0]]).toEqual([
      6,
      expect.stringMatching(
        /^Error: This job was cancelled(; gh\/acme\/lib #1 goes on by itself: http:\S+\/lib\/1| while it asked for a pipeline of gh\/acme\/lib: the child may or may not have been triggered\.) \(job\.canceled\)$/,
      ),
    ]);
    expect((await job.run()).exitCode).toBe(0);
    expect([posts(job.service).length, children(job.service)]).toEqual([1, ["#1"]]);
  });
});

test.concurrent.each([
  ["GET", "/api/v2/workflow/*/job"],
  ["POST", path],
])("a redirect of a %s never takes the token to another origin", async (method, redirected) => {
  const visits: (string | undefined)[] = [];
  const elsewhere = createServer((request, response) => {
    visits.push(request.url);
    response.end("{}");
  });
  await once(elsewhere.listen(0, "127.0.0.1"), "listening");
  try {
    const address = elsewhere.address();
    const port = typeof address === "object" ? address?.port : null;
    const then = `{ status: 302, headers: { location: "http://127.0.0.1:${port}/api/v2/elsewhere" } }`;
    const job = await openJob(`[{ method: ${method}, path: "${redirected}", then: ${then} }]`);
    const { exitCode, says, leaks } = await job.run();
    expect([exitCode, says.at(-2), says.at(-1), leaks, visits, children(job.service)]).toEqual([
      4,
      expect.stringMatching(
        / was answered 302.*: a redirect, which circleback does not follow with a token\. \(circleci\.failed\)$/,
      ),
      "  - Set `host` to where the API really is; now it is http://circleci.",
      false,
      [],
      [],
    ]);
  } finally {
    elsewhere.close();
  }
});
