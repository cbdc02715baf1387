import { describe, expect, it } from "vitest";
import { buildEnvironment } from "../../../src/simulator/runner/environment.ts";
import { layOutJobFolder } from "../../../src/simulator/runner/job-folder.ts";
import { run } from "../../support/run-step.ts";
import { assign, host, makeRunner, runToEnd } from "./job-harness.ts";

const folder = layOutJobFolder("/run/jobs/job-1/0", null, "job-1");
const machine = { PATH: "/bin", LANG: "C.UTF-8" };
const now = Date.parse("2026-01-01T00:00:00Z");

describe("the environment of a job", () => {
  it("is what the service documents, and nothing else", () => {
    const { CIRCLE_OIDC_TOKEN, CIRCLE_OIDC_TOKEN_V2, ...rest } = buildEnvironment({
      assignment: assign({ parallelism: 4 }),
      folder,
      node: 2,
      host,
      machine,
      now,
    });
    expect(rest).toEqual({
      PATH: "/run/jobs/job-1/0/bin:/bin",
      LANG: "C.UTF-8",
      HOME: "/run/jobs/job-1/0/home",
      TMPDIR: "/run/jobs/job-1/0/tmp",
      CI: "true",
      CIRCLECI: "true",
      CIRCLE_BRANCH: "main",
      CIRCLE_BUILD_NUM: "7",
      CIRCLE_BUILD_URL: "https://circleci.com/gh/acme/app/7",
      CIRCLE_JOB: "build",
      CIRCLE_NODE_INDEX: "2",
      CIRCLE_NODE_TOTAL: "4",
      CIRCLE_ORGANIZATION_ID: "organization-1",
      CIRCLE_PIPELINE_ID: "pipeline-1",
      CIRCLE_PROJECT_ID: "project-1",
      CIRCLE_PROJECT_REPONAME: "app",
      CIRCLE_PROJECT_USERNAME: "acme",
      CIRCLE_REPOSITORY_URL: "git@github.com:acme/app.git",
      CIRCLE_SHA1: "0123456789abcdef0123456789abcdef01234567",
      CIRCLE_SHELL_ENV: "/run/jobs/job-1/0/tmp/.bash_env-job-1-build",
      CIRCLE_USERNAME: "ann",
      CIRCLE_WORKFLOW_ID: "workflow-1",
      CIRCLE_WORKFLOW_JOB_ID: "job-1",
      CIRCLE_WORKFLOW_WORKSPACE_ID: "workspace-1",
      CIRCLE_WORKING_DIRECTORY: "~/project",
      BASH_ENV: "/run/jobs/job-1/0/tmp/.bash_env-job-1-build",
      CIRCLE_HOST: host,
      CIRCLECI_CLI_HOST: host,
    });
    const [header, claims, signature] = (CIRCLE_OIDC_TOKEN_V2 ?? "").split(".");
    expect([decode(header), decode(claims), signature]).toEqual([
      { alg: "none", typ: "JWT" },
      {
        iss: "https://oidc.circleci.com/org/organization-1",
        sub: "org/organization-1/project/project-1/user/ann/vcs-origin/github.com/acme/app/vcs-ref/refs/heads/main",
        aud: "organization-1",
        iat: now / 1000,
        exp: now / 1000 + 3600,
        "oidc.circleci.com/project-id": "project-1",
        "oidc.circleci.com/vcs-origin": "github.com/acme/app",
        "oidc.circleci.com/vcs-ref": "refs/heads/main",
        "oidc.circleci.com/ssh-rerun": false,
      },
      "",
    ]);
    expect(decode(CIRCLE_OIDC_TOKEN?.split(".")[1])).toMatchObject({
      sub: "org/organization-1/project/project-1/user/ann",
    });
  });

  it("has the tag instead of the branch, the continuation key, and no repository of an unknown kind", () => {
    const assignment = assign(
      {},
      {
        continuationKey: "key-1",
        project: { slug: "circleci/org-uuid/project-uuid", id: "p", organizationId: "o" },
        pipeline: { id: "i", number: 1, branch: null, tag: "v1.0.0", revision: "r", actor: "ann" },
      },
    );
    const { CIRCLE_BRANCH, CIRCLE_TAG, CIRCLE_CONTINUATION_KEY, CIRCLE_REPOSITORY_URL } = buildEnvironment({
      assignment,
      folder,
      node: 0,
      host,
      machine,
      now,
    });
    expect({ CIRCLE_BRANCH, CIRCLE_TAG, CIRCLE_CONTINUATION_KEY, CIRCLE_REPOSITORY_URL }).toEqual({
      CIRCLE_TAG: "v1.0.0",
      CIRCLE_CONTINUATION_KEY: "key-1",
    });
  });

  it("lets the job override the service, the service the contexts, and those the machine", () => {
    const { CIRCLE_JOB, CIRCLE_BRANCH, LANG, TOKEN } = buildEnvironment({
      assignment: assign(
        { environment: { CIRCLE_JOB: "job", TOKEN: "job" } },
        {
          environment: { CIRCLE_JOB: "context", CIRCLE_BRANCH: "context", LANG: "context", TOKEN: "context" },
        },
      ),
      folder,
      node: 0,
      host,
      machine,
      now,
    });
    expect({ CIRCLE_JOB, CIRCLE_BRANCH, LANG, TOKEN }).toEqual({
      CIRCLE_JOB: "job",
      CIRCLE_BRANCH: "main",
      LANG: "context",
      TOKEN: "job",
    });
  });

  it("reaches the step without a trace of the environment of the simulator", async () => {
    process.env.LEAK_FROM_OUTSIDE = "leaked";
    try {
      const { runner } = makeRunner();
      const { steps } = await runToEnd(
        runner,
        [run("env -0 | cut -z -d= -f1 | sort -z | tr '\\0' ' '", { environment: { STEP: "1" } })],
        { environment: { JOB: "1" } },
        { environment: { SECRET: "s" } },
      );
      const shells = ["PWD", "SHLVL", "_"];
      expect(
        steps[0]?.output
          .trim()
          .split(" ")
          .filter((name) => !shells.includes(name)),
      ).toEqual(
        [
          ...Object.keys(buildEnvironment({ assignment: assign({}), folder, node: 0, host, machine, now })),
          "JOB",
          "SECRET",
          "STEP",
        ].sort(),
      );
    } finally {
      delete process.env.LEAK_FROM_OUTSIDE;
    }
  });

  it("keeps secrets out of every argument list", async () => {
    const { runner } = makeRunner();
    const { steps } = await runToEnd(
      runner,
      [run("cat /proc/*/cmdline 2>/dev/null | tr '\\0' '\\n' | grep -cf <(printf %s \"$SECRET\") || true")],
      {},
      { environment: { SECRET: `s3cret-${process.pid}` } },
    );
    expect(steps[0]?.output).toBe("0\n");
  });

  it("carries what is written to BASH_ENV to later steps of the same job only", async () => {
    const { runner } = makeRunner();
    const read = run('echo "[$GREETING]"', { name: "read" });
    const { steps } = await runToEnd(runner, [
      run(
        'test ! -e "$BASH_ENV"; echo \'export GREETING="hello $CIRCLE_JOB"\' >> "$BASH_ENV"; echo "[$GREETING]"',
      ),
      read,
      run('echo "[$GREETING]"', { shell: "/bin/sh" }),
    ]);
    const other = await runToEnd(runner, [read], {}, { id: "job-2" });
    expect([...steps, ...other.steps].map((step) => step.output)).toEqual([
      "[]\n",
      "[hello build]\n",
      "[]\n",
      "[]\n",
    ]);
  });

  it("is of no use across steps but for BASH_ENV", async () => {
    const { runner } = makeRunner();
    const { steps } = await runToEnd(runner, [run("export A=1"), run('echo "[$A]"')]);
    expect(steps[1]?.output).toBe("[]\n");
  });
});

function decode(part: string | undefined): unknown {
  return JSON.parse(Buffer.from(part ?? "", "base64url").toString());
}
