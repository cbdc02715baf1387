import { expect, test } from "vitest";
import { openMarkers } from "../../../src/rollout/markers.ts";
import { createFakeHost } from "../../support/fake-host.ts";

const deployment = {
  name: "deploy",
  environment: "production",
  component: "shop",
  version: "1.2",
  isRollback: true,
};

function hostWith(answer: (argv: readonly string[]) => number | null) {
  const calls: string[] = [];
  const host = createFakeHost({
    exec: async (argv) => {
      calls.push(argv.join(" "));
      const exitCode = answer(argv);
      return exitCode === null ? null : { exitCode, output: "no such thing", stdout: "" };
    },
  });
  return { host, calls };
}

test("plans a deploy, says that it runs and how it has ended", async () => {
  const { host, calls } = hostWith(() => 0);
  const markers = openMarkers(host, deployment);
  await markers.plan();
  await markers.end("FAILED", "it broke");
  expect(calls).toEqual([
    "circleci run release plan deploy --environment-name=production --component-name=shop --target-version=1.2 --rollback",
    "circleci run release update deploy --status=RUNNING",
    "circleci run release update deploy --status=FAILED --failure-reason=it broke",
  ]);
});

test("is silent where there is no such program, and goes on where it refuses", async () => {
  const without = hostWith(() => null);
  const refusing = hostWith(() => 1);
  for (const { host } of [without, refusing]) {
    const markers = openMarkers(host, deployment);
    await markers.plan();
    await markers.end("SUCCESS", "");
  }
  expect([without.host.lines, without.calls.length]).toEqual([[], 1]);
  expect([refusing.host.lines, refusing.calls.length]).toEqual([
    ["Warning: circleci run release plan failed: no such thing"],
    1,
  ]);
});
