import { describe, expect, test } from "vitest";
import { deploy, type Run, taskDefinition, type WorldOptions } from "./ecs-world.ts";

/** How the end of a deployment is told, whatever happens beside it. */

const breaker = { enable: true, rollback: true };
const newCrashes: WorldOptions = {
  services: { shop: { breaker } },
  behaves: (image) => (image.endsWith("b") ? "crashes" : "well"),
  markers: true,
};

const cancelAt =
  (when: string): NonNullable<WorldOptions["onCall"]> =>
  (operation, _, host) => {
    if (operation === when) host.cancel();
  };

const endOf = ({ exit, code, record, markers }: Run) => [
  exit,
  code,
  record.hosts[0].result,
  markers.at(-1)?.replace(/ --failure-reason=.*/, ""),
];

describe("a job that is cancelled after its deployment has ended", () => {
  test.each([
    ["ListTaskDefinitions", ""],
    ["DeregisterTaskDefinition", "Deregistered shop:2."],
  ])("has deployed, though old revisions stay (%s)", async (operation, done) => {
    let seen = 0;
    const run = await deploy({
      definitions: [taskDefinition, taskDefinition, taskDefinition],
      parameters: { keep: "1" },
      markers: true,
      onCall(called, _, host) {
        if (called === operation && (done === "" || ++seen === 2)) host.cancel();
      },
    });
    expect(endOf(run)).toEqual([0, "", "deployed", "update deploy --status=SUCCESS"]);
    expect(run.output).toContain("Warning: Old revisions may stay: this job was cancelled.");
    expect(run.host.lines.filter((line) => line.startsWith("Deregistered"))).toEqual(
      done === "" ? [] : [done],
    );
  });

  test.each(["ListTasks", "DescribeTasks", "GetLogEvents"])(
    "has failed, where it was showing why (%s)",
    async (operation) => {
      const run = await deploy({ ...newCrashes, logs: ["no"], onCall: cancelAt(operation) });
      expect(endOf(run)).toEqual([1, "deploy.failed", "rolled-back", "update deploy --status=FAILED"]);
      expect(run.output).toContain("cannot be shown: this job was cancelled");
      expect(run.output).not.toContain("goes on");
    },
  );

  test("has failed, where it was showing why the command of run-task did", async () => {
    const parameters = { "run-task": "./migrate" };
    const run = await deploy({ parameters, taskExit: 3, logs: ["no"], onCall: cancelAt("GetLogEvents") });
    expect(endOf(run)).toEqual([1, "deploy.failed", "failed", undefined]);
    expect(run.output).toContain("The command of run-task ended with exit code 3");
  });
});

describe("a job that takes up a deployment", () => {
  const begun = () => deploy({ ...newCrashes, parameters: { wait: "none" } });

  test("tells what ran before it when it fails", async () => {
    const run = await deploy({ markers: true }, await begun());
    expect(endOf(run)).toEqual([1, "deploy.failed", "rolled-back", "update deploy --status=FAILED"]);
    expect(run.record.hosts[0]).toMatchObject({ release: "shop:2", before: "shop:1" });
    expect(run.output).toContain("tasks failed to start); before it, the service ran shop:1.");
  });

  test("tells what ran before it when it is cancelled", async () => {
    let looks = 0;
    const onCall: WorldOptions["onCall"] = (operation, _, host) => {
      if (operation === "DescribeServices" && ++looks === 2) host.cancel();
    };
    const run = await deploy({ onCall, markers: true }, await begun());
    expect(endOf(run)).toEqual([6, "job.canceled", "canceled", "update deploy --status=CANCELED"]);
    expect(run.output).toContain("of shop:2 goes on in ECS; before it, the service ran shop:1.");
  });

  test("knows the one before where ECS has forgotten the failed one", async () => {
    let looks = 0;
    const run = await deploy(
      {
        onCall(operation, { world }) {
          const service = world.services.get("shop");
          if (operation !== "DescribeServices" || ++looks !== 2 || service === undefined) return;
          service.rollouts = service.rollouts.slice(1);
        },
      },
      await begun(),
    );
    expect([run.code, run.record.hosts[0].result]).toEqual(["deploy.failed", "rolled-back"]);
  });

  test("says nothing of what ran before where there is nothing else", async () => {
    const first = await begun();
    const service = first.model.world.services.get("shop");
    if (service) service.rollouts = service.rollouts.slice(0, 1);
    const run = await deploy({ parameters: { timeout: "10s" } }, first);
    expect([run.code, run.record.hosts[0].before]).toEqual(["wait.timeout", null]);
    expect(run.output).toContain("The deployment ecs-svc/000003 of shop:2 goes on in ECS. (wait.timeout)");
  });
});

describe("a failed deployment that ECS is to roll back", () => {
  const hesitating = (hesitation: number): WorldOptions => ({
    ...newCrashes,
    services: { shop: { breaker, hesitation } },
  });

  test("is looked at until ECS begins to", async () => {
    const run = await deploy(hesitating(20_000));
    expect(endOf(run)).toEqual([1, "deploy.failed", "rolled-back", "update deploy --status=FAILED"]);
    expect(run.output).toContain("It has failed: looking whether ECS rolls it back.");
  });

  test("is told as such where ECS does not begin to", async () => {
    const run = await deploy(hesitating(3_600_000));
    expect(endOf(run)).toEqual([1, "deploy.failed", "failed", "update deploy --status=FAILED"]);
    expect(run.output).toContain("and ECS has not begun to roll it back");
    expect(run.output).not.toContain("With `rollback` of the deployment circuit breaker");
    expect(run.host.sleeps.reduce((sum, each) => sum + each, 0)).toBeLessThan(60_000);
  });

  test.each<[string, WorldOptions["onCall"] & {}]>([
    ["is cancelled", (_, __, host) => host.cancel()],
    ["gets no answer any more", (action, model) => model.fail({ action })],
  ])("has failed also where the job %s meanwhile", async (_, spoil) => {
    let looks = 0;
    const run = await deploy({
      ...hesitating(3_600_000),
      onCall(operation, model, host) {
        if (operation === "DescribeServices" && ++looks > 4) spoil(operation, model, host);
      },
    });
    expect(endOf(run)).toEqual([1, "deploy.failed", "failed", "update deploy --status=FAILED"]);
    expect(run.output).not.toContain("goes on in ECS");
  });
});
