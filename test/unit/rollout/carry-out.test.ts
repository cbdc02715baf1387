import { expect, test } from "vitest";
import { type Assignment, carryOut } from "../../../src/rollout/carry-out.ts";
import { noText } from "../../../src/rollout/filled-text.ts";
import { describeDeployer } from "../../../src/rollout/job-facts.ts";
import { createFakeHost } from "../../support/fake-host.ts";

test("tells what became of the hosts also where its record cannot be written", async () => {
  const marks: string[] = [];
  const fake = createFakeHost({
    env: { CIRCLE_JOB: "deploy" },
    exec: async (argv) => {
      if (argv[0] === "circleci") marks.push(argv.slice(3).join(" "));
      return { exitCode: argv[0] === "circleci" ? 0 : 255, output: "", stdout: "" };
    },
  });
  const write: typeof fake.files.write = async (path, text) => {
    if (path.includes("releases/")) throw new Error("EISDIR: illegal operation on a directory");
    return fake.files.write(path, text);
  };
  const host = { ...fake, files: { ...fake.files, write } };
  const assignment: Assignment = {
    targets: [{ user: "deploy", host: "10.0.0.1", port: null }],
    branch: "main",
    batch: () => 1,
    ssh: { jump: null, key: null, hostKeys: { knownHosts: "", pins: [], acceptNew: false } },
    transaction: {
      id: "1",
      mode: "deploy",
      project: "shop",
      compose: { path: "/srv/compose.yml" },
      variables: [],
      image: "shop@sha256:1",
      version: "1",
      services: [],
      runOnce: noText,
      registry: null,
      probeUrl: noText,
      want: "",
      expectCurrent: "",
      keep: 5,
      limits: { total: 60_000, lockWait: 0, probe: 0 },
      job: describeDeployer(host),
    },
    login: async () => null,
    requireHost: true,
    dryRun: false,
    environmentName: "production",
    release: "deploy",
  };
  await expect(carryOut(host, assignment)).rejects.toMatchObject({ code: "ssh.host-key-unknown" });
  expect(fake.lines.join("\n")).toContain(
    "What follows is kept nowhere: the release record deploy cannot be written (EISDIR: illegal operation on a directory).",
  );
  expect(marks.at(-1)).toMatch(/^update deploy --status=FAILED/);
});
