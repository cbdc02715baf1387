import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import type { Pipeline } from "../../src/simulator/engine/state.ts";
import { hasEngine, hasMoto, hasRegistry, hasSshHosts } from "../support/delivery.ts";
import { baseImage } from "../support/docker-engine.ts";
import { makeFolder } from "../support/folders.ts";
import { useFreshOrb } from "../support/fresh-orb.ts";
import { ask, type Gitflow, openGitflow } from "../support/gitflow-example.ts";
import { type LiveSimulation, openLiveSimulation } from "../support/live-simulation.ts";
import { listJobs } from "../support/loop.ts";
import { outputOf, statuses } from "../support/simulator.ts";
import type { SshHost } from "../support/ssh/ssh-host.ts";

/**
 * examples/gitflow, from the packed orb, in the simulator, against real hosts. One story, told in parts: each test
 * goes on where the one before it has ended.
 */

const canDeploy = [hasEngine(), hasRegistry(), hasMoto(), hasSshHosts()].every(Boolean);
const slug = "gh/acme/shop";
const built = { test: "success", push: "success" };
const released = {
  test: "success",
  candidate: "success",
  "approve-release": "success",
  release: "success",
  "production-runs-it": "success",
};
const version = (number: string) => `{"version":"${number}"}`;
const nobody = expect.stringContaining("no answer");

describe.runIf(canDeploy)("the example gitflow", { timeout: 180_000 }, () => {
  let world: Gitflow;
  let circle: LiveSimulation;
  /** The checkout, which a test may change: of the example's own folder it is a copy. */
  let shop: string;
  let release: Pipeline;
  let next: Pipeline;

  beforeAll(async () => {
    world = await openGitflow();
    shop = makeFolder();
    cpSync("examples/gitflow/app", shop, { recursive: true });
    const document = parse(readFileSync(world.scenario, "utf8"));
    document.projects[slug].path = shop;
    writeFileSync(world.scenario, stringify(document));
    await useFreshOrb(world.scenario);
    circle = await openLiveSimulation(world.scenario, slug);
  }, 120_000);
  afterAll(() => world?.stop(), 60_000);

  const jobsOf = ({ number }: Pipeline) => {
    const runs = Object.values(statuses(circle.report())[`${slug}#${number}`] ?? {});
    return runs.at(-1);
  };
  const versions = async () => {
    const { sandbox, staging, production } = world.hosts;
    return Promise.all([sandbox, staging, production].map((host) => ask(host, "/version")));
  };
  const digestOn = async (host: SshHost) => /@(sha256:\S+)/.exec(await containers(host))?.[1];

  test("deploys develop to the sandbox and preprod to staging, each with the version that was built", async () => {
    const [develop, preprod] = [circle.trigger("develop"), circle.trigger("preprod")];
    await circle.rest();
    expect([jobsOf(develop), jobsOf(preprod)]).toEqual([
      { status: "success", jobs: { ...built, deploy: "success" } },
      { status: "success", jobs: { ...built, deploy: "success", "staging-runs-it": "success" } },
    ]);
    expect(await versions()).toEqual([version("0.1.1"), version("0.1.2"), nobody]);
    const [{ sandbox, staging }, tags] = [world.hosts, await world.model.tags("acme/shop")];
    expect([await digestOn(sandbox), await digestOn(staging)]).toEqual([tags.develop, tags.preprod]);
    expect(tags.staging).toBe(tags.preprod);
    const stores = [sandbox, staging].map(({ engine }) =>
      engine?.docker(["image", "inspect", "--format", "{{.RepoDigests}}", baseImage]),
    );
    expect((await Promise.all(stores)).map((digests) => /^\[busybox@sha256:/.test(digests ?? ""))).toEqual([
      true,
      true,
    ]);
    const visits = [await ask(sandbox, "/cgi-bin/visits"), await ask(sandbox, "/cgi-bin/visits")];
    expect(visits).toEqual(["1", "2"]);
  });

  test("holds a release, with the image that staging runs, until somebody approves it", async () => {
    release = circle.trigger("master");
    await circle.reached(release, "approve-release", "on_hold");
    const tags = await world.model.tags("acme/shop");
    expect([tags["release-3"], tags.production]).toEqual([tags.staging, undefined]);
    expect(await containers(world.hosts.production)).toBe("");
  });

  test("brings the next version to staging, and rolls a broken one back in the sandbox", async () => {
    const { sandbox } = world.hosts;
    const before = [await containers(sandbox, "store"), await digestOn(sandbox)];
    next = circle.trigger("preprod");
    await circle.reached(next, "push", "success");
    const serve = readFileSync(join(shop, "shop/serve"), "utf8");
    writeFileSync(join(shop, "shop/serve"), serve.replace("-p 8080", "-p 8081"));
    const broken = circle.trigger("develop");
    await circle.rest();

    expect([jobsOf(next), jobsOf(broken)]).toEqual([
      { status: "success", jobs: { ...built, deploy: "success", "staging-runs-it": "success" } },
      { status: "failed", jobs: { ...built, deploy: "failed" } },
    ]);
    expect(await versions()).toEqual([version("0.1.1"), version("0.1.4"), nobody]);
    // The store was not touched: it goes on counting.
    expect([await containers(sandbox, "store"), await digestOn(sandbox)]).toEqual(before);
    expect(await ask(sandbox, "/cgi-bin/visits")).toBe("3");
    const said = outputOf(circle.report(), "deploy");
    expect(said).toContain("shop is unhealthy");
    expect(said).toContain("failed (health), rolled back to 0.1.1");
  });

  test("releases what was approved, though staging has gone on, and changes nothing when a deploy runs again", async () => {
    const { staging, production } = world.hosts;
    const before = await containers(staging);
    circle.approve(release, "approve-release");
    circle.rerun(next, "deploy");
    await circle.rest();

    expect([jobsOf(release), jobsOf(next)]).toEqual([
      { status: "success", jobs: released },
      { status: "success", jobs: { ...built, deploy: "success", "staging-runs-it": "success" } },
    ]);
    expect(await versions()).toEqual([version("0.1.1"), version("0.1.4"), version("0.1.2")]);
    expect(await containers(staging)).toBe(before);
    const tags = await world.model.tags("acme/shop");
    expect([await digestOn(production), tags.production]).toEqual([tags["0.1.2"], tags["0.1.2"]]);
    expect(historyOf(staging)).toEqual(["0.1.2 deployed", "0.1.4 deployed", "0.1.4 deployed"]);
  });

  test("leaves production alone when a release is refused", async () => {
    const { production } = world.hosts;
    const before = [await containers(production), historyOf(production)];
    const refused = circle.trigger("master");
    await circle.reached(refused, "approve-release", "on_hold");
    circle.cancel(refused);
    await circle.rest();

    const jobs = { "approve-release": "canceled", release: "canceled", "production-runs-it": "canceled" };
    expect(jobsOf(refused)).toEqual({ status: "canceled", jobs: { ...released, ...jobs } });
    expect([await containers(production), historyOf(production)]).toEqual(before);
    expect(before[1]).toEqual(["release-3 deployed"]);
    const tags = await world.model.tags("acme/shop");
    expect([tags.production, tags["release-6"]]).toEqual([tags["release-3"], tags.staging]);
  });

  test("shows no secret in any log", () => {
    const report = circle.report();
    const output = listJobs(report)
      .flatMap(({ steps }) => steps.map((step) => step.output))
      .join("");
    const secrets = [
      ...world.model.issuedPasswords,
      ...readFileSync(world.hosts.sandbox.key.file, "utf8").split("\n"),
    ];
    expect(secrets.filter((secret) => secret !== "" && output.includes(secret))).toEqual([]);
  });
});

/** Everything that runs on a host: ids and images, sorted; or that of one service. */
async function containers({ engine }: SshHost, service?: string): Promise<string> {
  const filter = service === undefined ? [] : ["--filter", `label=com.docker.compose.service=${service}`];
  const lines = await engine?.docker(["ps", "--no-trunc", "--format", "{{.ID}} {{.Image}}", ...filter]);
  return (lines ?? "").trim().split("\n").sort().join("\n");
}

/** What the host has noted of its deploys. */
function historyOf(host: SshHost): readonly string[] {
  const lines = host.read("~/.circleback/shop/history.jsonl").trim().split("\n");
  return lines.map((line) => {
    const { version, result } = JSON.parse(line);
    return `${version} ${result}`;
  });
}
