import { describe, expect, test } from "vitest";
import { endAs, explainFailures, type Outcome, readEnding, showTable } from "../../../src/rollout/outcome.ts";

const host = (name: string) => ({ user: "deploy", host: name, port: null });
const ended = (name: string, result: string, phase: string): Outcome => {
  const words = {
    result,
    phase,
    release: "2-b",
    previous: "1-a",
    before: "0.1.1",
    now: "0.1.2",
    image: "shop@sha256:1",
  };
  const outcome = readEnding(host(name), JSON.stringify(words));
  if (outcome === null) throw new Error("no outcome");
  return outcome;
};

test("shows every host with what runs on it now", () => {
  const outcomes = [
    ended("one", "deployed", "health"),
    ended("two.example", "rolled-back", "health"),
    ended("three", "taken-down", "up"),
    ended("four", "unchanged", "pull"),
    ended("four.example", "unchanged", "engine"),
    ended("four.example", "canceled", "engine"),
    ended("five", "broken", "probe"),
    ended("six", "refused", "lock"),
    endAs(host("seven"), "unknown"),
    endAs(host("eight"), "not-started"),
  ];
  expect(showTable(outcomes)).toEqual([
    "  deploy@one           0.1.2 is running",
    "  deploy@two.example   failed (health), rolled back to 0.1.1",
    "  deploy@three         failed (up); there was nothing before it, so it was taken down again",
    "  deploy@four          failed (pull) before anything changed, 0.1.1 stays as it is",
    "  deploy@four.example  failed (engine) before anything changed, but Docker does not answer any more",
    "  deploy@four.example  called off before anything changed, but Docker does not answer any more",
    "  deploy@five          failed (probe), and 0.1.1 could NOT be restored: look at it",
    "  deploy@six           refused (lock), nothing was begun",
    "  deploy@seven         how it ended is not known",
    "  deploy@eight         not started",
  ]);
});

describe("the error", () => {
  const deploy = { project: "shop", mode: "deploy" } as const;

  test.each([
    [endAs(host("one"), "absent"), deploy, ["Run this job again: there is nothing to undo before."]],
    [
      ended("one", "died", "start"),
      deploy,
      [
        "`docker ps` on deploy@one says what runs. Run this job again: it deploys, or restores what ran before.",
      ],
    ],
    [
      ended("one", "unchanged", "pull"),
      { project: "shop", mode: "rollback" } as const,
      [
        "deploy@one does not have the image any more, and a rollback logs in nowhere: deploy it anew with ssh-deploy, which does (`image: shop@sha256:1`).",
      ],
    ],
  ])("says what to do", (outcome, transaction, hints) => {
    expect(explainFailures([outcome], transaction).hints).toEqual(hints);
  });

  test.each([
    ["refused", "lock", "lock.held"],
    ["refused", "tools", "host.unfit"],
    ["refused", "engine", "docker.unreachable"],
    ["unchanged", "config", "compose.invalid"],
    ["unchanged", "login", "registry.unauthorized"],
    ["unchanged", "release", "release.not-found"],
    ["unchanged", "expect", "release.unexpected"],
    ["unchanged", "pull", "deploy.failed"],
    ["rolled-back", "health", "deploy.failed"],
    ["died", "up", "deploy.unknown"],
  ])("of a host that is %s at %s is %s", (result, phase, code) => {
    expect(explainFailures([ended("one", result, phase)], deploy).code).toBe(code);
  });

  test("speaks of all hosts that failed, and of those that were left alone", () => {
    const error = explainFailures(
      [
        ended("one", "deployed", "health"),
        ended("two", "rolled-back", "health"),
        endAs(host("three"), "unknown"),
        endAs(host("four"), "not-started"),
      ],
      deploy,
    );
    expect([error.code, error.message, error.hints]).toEqual([
      "deploy.failed",
      "deploy@two: failed (health), rolled back to 0.1.1.\ndeploy@three: how it ended is not known.\nNot started: deploy@four.",
      [
        "The last lines of what failed are above. `probe-timeout` says how long things may take.",
        "On deploy@three, this job's line in ~/.circleback/shop/history.jsonl says how it ended, and `docker ps` what runs.",
      ],
    ]);
  });
});

test.each(["", "{}", '{"result":"fine"}', "null"])("takes %j for no last word", (text) => {
  expect(readEnding(host("one"), text)).toBeNull();
});
