import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { packedOrb } from "../support/bundle.ts";
import { callsOf, runLoop, said } from "../support/loop.ts";
import { available } from "../support/require.ts";
import { outputOf, requests, runProjects, statuses } from "../support/simulator.ts";

/** The packed orb in the simulator: what it sends, whereto, and what becomes known of the token. */

const docker = 'docker: [{ image: "cimg/base:stable" }]';

/** A parent that fires and forgets, with these parameters of the trigger. */
function parent(parameters: Readonly<Record<string, unknown>>, environment = {}): string {
  const trigger = { project: "gh/acme/lib", wait: false, ...parameters };
  return stringify({
    version: 2.1,
    orbs: { circleback: "acme/circleback@1" },
    jobs: {
      trigger: {
        docker: [{ image: "cimg/base:stable" }],
        environment,
        steps: [{ "circleback/trigger-and-wait": trigger }],
      },
    },
    workflows: { release: { jobs: [{ trigger: { context: "circleback" } }] } },
  });
}

const lib = `
version: 2.1
parameters:
  circleback: { type: string, default: "" }
  fast: { type: boolean, default: false }
  count: { type: integer, default: 0 }
  id: { type: string, default: "" }
  note: { type: string, default: "" }
jobs:
  test: { ${docker}, steps: [run: echo tested] }
workflows:
  w: { jobs: [test: { filters: { tags: { only: /.*/ } } }] }
`;

const tricky = 'say "${HOME}", then $(exit 3) <<end>> and \\n';

describe.concurrent("the child's parameters", () => {
  test.each([
    ["as lines", 'fast=true\ncount=-5\nid="007"\nnote=${NOTE}\n'],
    ["as JSON", '{ "fast": true, "count": -5, "id": "007", "note": "${NOTE}" }'],
  ])("arrive with their types and unharmed, %s", async (_, parameters) => {
    const report = await runLoop({
      "gh/acme/app": parent({ parameters, "ticket-parameter": "" }, { NOTE: tricky.replace("<<", "\\<<") }),
      "gh/acme/lib": lib,
    });
    expect([said(report, "trigger").exit, report.pipelines.at(-1)?.parameters]).toEqual([
      0,
      { fast: true, count: -5, id: "007", note: tricky },
    ]);
  });

  test("are none at all for a child that gets no ticket", async () => {
    const report = await runLoop({ "gh/acme/app": parent({ "ticket-parameter": "" }), "gh/acme/lib": lib });
    expect(report.pipelines.at(-1)?.parameters).toEqual({});
  });

  test("carry the ticket under the name that the child wants", async () => {
    const report = await runLoop({
      "gh/acme/app": parent({ "ticket-parameter": "note" }),
      "gh/acme/lib": lib,
    });
    expect(report.pipelines.at(-1)?.parameters).toEqual({ note: expect.stringMatching(/^cb1\.[\w-]+$/) });
  });
});

describe.concurrent("the child's code", () => {
  const branches = "projects: { gh/acme/lib: { branches: [main, develop] } }";

  test.each([
    ["the default branch", {}, ["main"]],
    ["a branch", { branch: "develop" }, ["develop"]],
    ["the parent's own branch, where that is first", { branch: "${CIRCLE_BRANCH}, develop" }, ["main"]],
    ["the first branch of a list that exists", { branch: "gone, develop, main" }, ["develop"]],
    ["a tag", { tag: "v1.2" }, [null]],
  ])("is that of %s", async (_, place, expected) => {
    const report = await runLoop({ "gh/acme/app": parent(place), "gh/acme/lib": lib }, branches);
    const children = report.pipelines.filter(({ project }) => project === "gh/acme/lib");
    expect([said(report, "trigger").exit, children.map(({ branch }) => branch)]).toEqual([0, expected]);
  });

  test("must be there: a branch that does not exist triggers nothing", async () => {
    const report = await runLoop({ "gh/acme/app": parent({ branch: "gone" }), "gh/acme/lib": lib });
    expect([said(report, "trigger"), Object.keys(statuses(report))]).toEqual([
      {
        exit: 4,
        lines: [
          "Triggering gh/acme/lib on branch gone …",
          "gh/acme/lib has no branch gone (Branch not found).",
          "Error: gh/acme/lib was not triggered: it has no branch gone. (trigger.refused)",
          "  - Give `branch` a last resort that is always there: `branch: ${CIRCLE_BRANCH}, main`.",
        ],
      },
      ["gh/acme/app#1"],
    ]);
  });
});

test.concurrent("a project of the GitHub App is triggered by its definition", async () => {
  const slug = "circleci/9YytKzouJxzu4TjCRFqAoD/44n9wujWcTnVZ2b5S8Fnat";
  const report = await runLoop(
    {
      "gh/acme/app": parent({
        project: slug,
        "definition-id": "2338d0ae-5541-4bbf-88a2-55e9f1a3a8d4",
        branch: "main",
      }),
      [slug]: lib,
    },
    "tokens: { token-of-the-release-bot: { login: release-bot, projects: [gh/acme/*, circleci/*/*] } }",
  );
  expect([said(report, "trigger"), callsOf(report, "trigger")]).toEqual([
    {
      exit: 0,
      lines: [
        `Triggering ${slug} on branch main …`,
        `Triggered ${slug} #1: /pipelines/${slug}/1`,
        `${slug} #1 has started: /pipelines/${slug}/1`,
      ],
    },
    [
      "GET /workflow/release 200",
      `POST /project/${slug}/pipeline/run 201`,
      `GET /pipeline/${slug}#1/workflow 200`,
    ],
  ]);
});

test.concurrent("two parents that trigger one project at the same moment each get a child of their own", async () => {
  const twin = parent({ wait: true, "ticket-parameter": "" });
  const report = await runLoop(
    { "gh/acme/app": twin, "gh/acme/web": twin, "gh/acme/lib": lib },
    "trigger: [{ project: gh/acme/app }, { project: gh/acme/web }]",
  );
  const children = report.pipelines.filter(({ project }) => project === "gh/acme/lib");
  const receipts = report.pipelines
    .flatMap(({ workflows }) => workflows.flatMap(({ jobs }) => jobs.flatMap(({ artifacts }) => artifacts)))
    .map(({ file }) => JSON.parse(readFileSync(file, "utf8")));
  expect(statuses(report)).toEqual({
    "gh/acme/app#1": { release: { status: "success", jobs: { trigger: "success" } } },
    "gh/acme/web#1": { release: { status: "success", jobs: { trigger: "success" } } },
    "gh/acme/lib#1": { w: { status: "success", jobs: { test: "success" } } },
    "gh/acme/lib#2": { w: { status: "success", jobs: { test: "success" } } },
  });
  expect(new Set(receipts.map(({ nonce }) => nonce)).size).toBe(2);
  expect(receipts.map(({ pipeline }) => pipeline.id).sort()).toEqual(children.map(({ id }) => id).sort());
});

/** The command lines of all processes of this machine. */
function readCommandLines(): readonly string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((id) => {
      try {
        return [readFileSync(`/proc/${id}/cmdline`, "utf8").replaceAll("\0", " ")];
      } catch {
        return []; // It has ended meanwhile.
      }
    });
}

const hasProc = available("/proc", () => (existsSync("/proc/self/cmdline") ? null : "there is no /proc"));

(hasProc ? test.concurrent : test.skip)(
  "the token is in no command line, no path of a request and no output",
  async () => {
    const secret = `CCIPAT_${crypto.randomUUID()}`;
    const seen = new Set<string>();
    const report = await runProjects(
      {
        "gh/acme/app": parent({ wait: true, token: "RELEASE_TOKEN", "ticket-parameter": "" }),
        "gh/acme/lib": lib.replace("echo tested", "exit 1"),
      },
      `
orbs: { acme/circleback@1: "${await packedOrb()}" }
tokens: { ${secret}: { login: release-bot, projects: [gh/acme/*] } }
contexts: { circleback: { RELEASE_TOKEN: ${secret} } }
trigger: [{ project: gh/acme/app }]
faults:
  - { method: GET, path: /api/v2/workflow/*/job, then: { status: 500, body: "bad token ${secret}" } }
  - { method: GET, path: /api/v2/workflow/*/job, then: { status: 404, body: { message: ${secret} } } }
`,
      {
        onUpdate: () => {
          for (const line of readCommandLines()) seen.add(line);
        },
      },
    );
    const output = outputOf(report, "trigger");
    expect([...seen].filter((line) => line.includes("circleback.cjs"))).not.toEqual([]);
    expect([...seen].filter((line) => line.includes(secret))).toEqual([]);
    expect(output).toContain('was answered 404: "[secret]"');
    expect([output, ...requests(report)].filter((text) => text.includes(secret))).toEqual([]);
  },
);
