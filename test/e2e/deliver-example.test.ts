import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Report } from "../../src/simulator/report/report.ts";
import { openDelivery } from "../support/deliver-example.ts";
import { hasEngine, hasMoto, hasRegistry } from "../support/delivery.ts";
import { useFreshOrb } from "../support/fresh-orb.ts";
import { listJobs } from "../support/loop.ts";
import { outputOf, runScenario, statuses } from "../support/simulator.ts";

/** examples/deliver, from the packed orb, in the simulator, against the real parts. */

const canDeliver = [hasEngine(), hasRegistry(), hasMoto()].every(Boolean);

describe.runIf(canDeliver)("the example deliver", () => {
  test("tests, builds and pushes: the registry holds the image, and the image serves the version", async () => {
    const { engine, model, scenario, stop } = await openDelivery();
    try {
      await useFreshOrb(scenario);
      const report = await runScenario(scenario, { timeout: 60_000 });
      const jobs = { test: "success", push: "success", announce: "success" };
      expect([report.outcome, statuses(report)]).toEqual([
        "success",
        { "gh/acme/shop#1": { deliver: { status: "success", jobs } } },
      ]);
      const number = numberOf(report, "push");
      const version = `0.1.${number}`;
      const tags = await model.tags("acme/shop");
      expect(tags).toEqual({ [version]: tags.develop, develop: tags.develop });
      expect(model.calls).toEqual([
        "AssumeRoleWithWebIdentity 200",
        "GetAuthorizationToken 200",
        "BatchGetImage 400 RepositoryNotFoundException",
        "CreateRepository 200",
        "BatchGetImage 200",
        "PutImage 200",
      ]);

      // From the registry, not from what the build has left in the engine.
      const image = `${model.registryAddress}/acme/shop@${tags.develop}`;
      await engine.docker(["image", "prune", "--all", "--force"]);
      const [password = ""] = model.issuedPasswords;
      await engine.docker(
        ["login", "--username", "AWS", "--password-stdin", model.registryAddress],
        password,
      );
      const read = ["sh", "-c", "/bin/busybox cat /www/version /www/index.html"];
      const served = await engine.docker(["run", "--rm", "--network=none", image, ...read]);
      expect(served).toBe(`${version}\n${readFileSync("examples/deliver/app/www/index.html", "utf8")}`);

      const [, record] = /^(\{[\s\S]*?^\})/m.exec(outputOf(report, "announce")) ?? [];
      expect(JSON.parse(record ?? "{}")).toMatchObject({
        version,
        image,
        digest: tags.develop,
        branch: "develop",
      });
      const [artifact] = listJobs(report).flatMap(({ artifacts }) => artifacts);
      expect([artifact?.path, readFileSync(artifact?.file ?? "", "utf8")]).toEqual([
        "circleback/releases/push.json",
        `${record}\n`,
      ]);
    } finally {
      await stop();
    }
  });
});

function numberOf(report: Report, name: string): number | null {
  return listJobs(report).find((job) => job.name === name)?.number ?? null;
}
