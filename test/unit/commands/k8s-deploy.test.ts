import { describe, expect, test } from "vitest";
import { deploymentPath, workload } from "../../support/kubernetes.ts";
import { image, manifests, openWorld } from "./k8s-world.ts";

/** What is said of each object, and recorded, where answers of the API server are lost. */

const settings = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings" }, data: { a: "1" } };

/** A world in which a deployment runs that `write` has put there. */
function openWith(running: string) {
  const world = openWorld();
  world.model.write(deploymentPath, "Deployment", workload(running));
  return world;
}

/** Every try of the request that puts the deployment back, after the one that has changed it. */
const undoing = { call: "PATCH deployments/api", after: 1, times: 9, status: null };

describe("where nothing had to be changed", () => {
  test.each([
    ["is broken", "registry/api:broken", "deploy.failed", "failed rollout"],
    ["does not get well in time", "registry/api:slow", "wait.timeout", "failed rollout"],
    ["is well", "registry/api:1", null, "unchanged"],
  ])("a workload that %s is recorded as that", async (_, running, code, words) => {
    const { code: found, results } = await openWith(running).deploy(image(running));
    expect([found, results]).toEqual([code, [`deployment/api ${words}`]]);
  });

  test("a workload that cannot be looked at is not recorded as well, and what needs no look is", async () => {
    const world = openWorld();
    const plan = manifests(settings, workload("registry/api:1"));
    await world.deploy(plan);
    world.meet({ call: "GET deployments/api 200", after: 1, times: 99, status: 503 });
    const { code, results } = await world.deploy(plan);
    expect([code, results]).toEqual([
      "deploy.unknown",
      ["configmap/settings unchanged", "deployment/api unknown rollout"],
    ]);
  });
});

describe("an undo whose answer is lost", () => {
  test.each(["image", "manifest"])("is found in the workload (%s)", async (kind) => {
    const world = openWorld();
    const plan = (to: string) => (kind === "image" ? image(to) : manifests(workload(to)));
    await world.deploy(manifests(workload("registry/api:1")));
    const before = world.model.read(deploymentPath);
    world.meet(undoing);
    const { code, results } = await world.deploy(plan("registry/api:broken"));
    expect([code, results, world.model.read(deploymentPath)]).toEqual([
      "deploy.failed",
      ["deployment/api rolled-back rollout"],
      before,
    ]);
  });

  test.each(["image", "manifest"])("may have been done or not, where nobody can look (%s)", async (kind) => {
    const world = openWorld();
    const plan = (to: string) => (kind === "image" ? image(to) : manifests(workload(to)));
    await world.deploy(manifests(workload("registry/api:1")));
    world.meet({ ...undoing, meanwhile: world.vanish });
    const { code, results, message } = await world.deploy(plan("registry/api:broken"));
    expect([code, results]).toEqual(["deploy.failed", ["deployment/api unknown rollout"]]);
    expect(message).toContain("deployment/api may have been undone or not: the answer was lost (PATCH ");
  });

  test("has surely not been done where its first look was in vain", async () => {
    const world = openWorld();
    await world.deploy(manifests(workload("registry/api:1")));
    world.meet({ call: "GET pods", status: 200, meanwhile: world.vanish });
    const { results, message } = await world.deploy(manifests(workload("registry/api:broken")));
    expect(results).toEqual(["deployment/api broken rollout"]);
    expect(message).toContain("deployment/api could NOT be undone (GET ");
  });

  test("is found in an object that is gone again, as it was before", async () => {
    const world = openWorld();
    world.meet({ call: "DELETE configmaps/settings", times: 9, status: 502 });
    const { results, message } = await world.deploy(manifests(settings, workload("registry/api:broken")));
    expect(results).toEqual(["configmap/settings rolled-back rollout", "deployment/api rolled-back rollout"]);
    expect(message).toContain("configmap/settings is deleted again: it was not there before.");
  });
});

test("names the right that a new object takes, before anything is changed", async () => {
  const world = openWorld();
  world.model.forbid("create configmaps");
  await expect(world.deploy(manifests(settings))).rejects.toMatchObject({
    code: "cluster.unauthorized",
    hints: [
      'Allow it to ci in a Role in web: apiGroups: [""], resources: ["configmaps"], verbs: ["create"].',
    ],
  });
  expect(world.model.calls).toEqual(["GET configmaps/settings 404", "PATCH configmaps/settings dryRun 403"]);
});

describe("a change that is refused", () => {
  const plan = manifests(workload("registry/api:2"));
  const theirs = (world: ReturnType<typeof openWorld>) => () =>
    world.model.write(deploymentPath, "Deployment", workload("registry/api:3"));

  test("at its first try was not made", async () => {
    const world = openWorld();
    await world.deploy(manifests(workload("registry/api:1")));
    const { code, results, message } = await world.deploy(async (api) => {
      const changes = await plan(api);
      theirs(world)();
      return changes;
    });
    expect([code, results]).toEqual(["field.conflict", ["deployment/api failed apply"]]);
    expect(message).toContain("deployment/api was not changed.");
  });

  test("only after a try whose answer was lost may have been made, and somebody else's goes on", async () => {
    const world = openWorld();
    await world.deploy(manifests(workload("registry/api:1")));
    world.meet({ call: "PATCH deployments/api", status: null, meanwhile: theirs(world) });
    const { code, results, message } = await world.deploy(plan);
    expect([code, results]).toEqual(["deploy.unknown", ["deployment/api unknown apply"]]);
    expect(message).toContain("was answered 409 Conflict");
    expect(message).toContain("deployment/api may have been changed or not: the answer was lost.");
  });

  test("only after such a try may have been made with an image, too", async () => {
    const world = openWith("registry/api:1");
    world.meet({ call: "PATCH deployments/api", status: null, meanwhile: theirs(world) });
    const { code, results, message } = await world.deploy(image("registry/api:2"));
    expect([code, results]).toEqual(["deploy.unknown", ["deployment/api unknown apply"]]);
    expect(message).toContain("Somebody else has changed deployment/api meanwhile; it is left alone.");
  });

  test("after a try that cannot have been made was not made", async () => {
    const world = openWorld();
    await world.deploy(manifests(workload("registry/api:1")));
    world.meet({ call: "PATCH deployments/api", status: 429, meanwhile: theirs(world) });
    const { code } = await world.deploy(plan);
    expect(code).toBe("field.conflict");
  });
});

describe("a job that is cancelled", () => {
  const plans = [
    ["image", image],
    ["manifest", (to: string) => manifests(settings, workload(to))],
  ] as const;
  const open = async () => {
    const world = openWorld();
    await world.deploy(manifests(workload("registry/api:1")));
    return world;
  };
  const left = ({ model }: ReturnType<typeof openWorld>) => [
    /"image":"([^"]*)"/.exec(JSON.stringify(model.read(deploymentPath)))?.[1],
    model.read("/api/v1/namespaces/web/configmaps/settings"),
  ];

  test.each(plans)("while it changes something undoes that as well (%s)", async (_, plan) => {
    const world = await open();
    world.meet({ call: "PATCH deployments/api", meanwhile: world.cancel });
    const { code, results, message } = await world.deploy(plan("registry/api:2"));
    expect([code, ...left(world)]).toEqual(["job.canceled", "registry/api:1", null]);
    expect(results.every((each) => each.endsWith(" rolled-back apply"))).toBe(true);
    expect(message).toMatch(
      /^This job was cancelled\.\n(configmap.*\n)?deployment\/api is put back to [^,]*\.$/,
    );
  });

  test.each(
    plans.flatMap(([name, plan]) =>
      (["GET deployments/api", "PATCH deployments/api", "DELETE configmaps/settings"] as const)
        .filter((call) => name === "manifest" || call.startsWith("PATCH"))
        .map((call) => [name, call, plan] as const),
    ),
  )("while it undoes goes on with that (%s, at %s)", async (_, call, plan) => {
    const world = await open();
    let isFailed = false;
    world.meet({ call: "GET pods", meanwhile: () => (isFailed = true) });
    world.meet({ call, times: 99, meanwhile: () => isFailed && world.cancel() });
    const { code, results, message } = await world.deploy(plan("registry/api:broken"));
    expect([code, ...left(world)]).toEqual(["deploy.failed", "registry/api:1", null]);
    expect(results.every((each) => each.endsWith(" rolled-back rollout"))).toBe(true);
    expect(message).toMatch(/deployment\/api is put back to [^,]*\.$/);
  });

  test("has a few seconds for the undo, and says what is not known then", async () => {
    const world = await open();
    world.meet({ call: "PATCH deployments/api", meanwhile: world.cancel });
    world.meet({ call: "PATCH deployments/api", times: 99, status: 503 });
    const before = world.seconds();
    world.meet({ call: "GET deployments/api", after: 2, times: 99, status: 503 });
    const { code, results, message } = await world.deploy(image("registry/api:2"));
    expect([code, results]).toEqual(["job.canceled", ["deployment/api unknown apply"]]);
    expect(message).toContain(
      "deployment/api may have been undone or not: the answer was lost (This job was cancelled.).",
    );
    expect(world.seconds() - before).toBeLessThan(12);
  });
});

test.each([401, 403])("goes on waiting after a look that is answered %i", async (status) => {
  const world = openWith("registry/api:1");
  world.meet({ call: "GET deployments/api", after: 1, status });
  const { code, results } = await world.deploy(image("registry/api:2"));
  expect([code, results]).toEqual([null, ["deployment/api deployed"]]);
});

test.each(["image", "manifest"])("changes nothing in a Deployment that is paused (%s)", async (kind) => {
  const paused = (to: string) => ({ ...workload(to), spec: { ...workload(to).spec, paused: true } });
  const world = openWorld();
  if (kind === "image") world.model.write(deploymentPath, "Deployment", paused("registry/api:1"));
  const before = world.model.read(deploymentPath);
  const plan = kind === "image" ? image("registry/api:2") : manifests(paused("registry/api:2"));
  await expect(world.deploy(plan)).rejects.toMatchObject({
    code: "deploy.failed",
    message: "deployment/api is paused, so nothing would roll out; nothing was changed.",
  });
  expect(world.model.read(deploymentPath)).toEqual(before);
});

describe("a job that is cancelled, and gets no answer any more", () => {
  test.each([
    ["to its change", "registry/api:2", 0, "job.canceled", "apply", "changed"],
    ["to its undo", "registry/api:broken", 1, "deploy.failed", "rollout", "undone"],
  ])("%s ends after a few seconds", async (_, to, after, code, phase, done) => {
    const world = openWith("registry/api:1");
    const call = "PATCH deployments/api";
    let before = 0;
    const meanwhile = () => {
      before = world.seconds();
      world.cancel();
      world.vanish();
    };
    world.meet({ call, after, hangs: true, meanwhile });
    const ending = await world.deploy(image(to));
    expect([ending.code, ending.results]).toEqual([code, [`deployment/api unknown ${phase}`]]);
    expect(ending.message).toContain(`deployment/api may have been ${done} or not: the answer was lost`);
    expect(world.seconds() - before).toBeLessThan(12);
  });

  test("has not begun with anything where that comes before the first change", async () => {
    const world = openWith("registry/api:1");
    const { code, results } = await world.deploy(async (api) => {
      const changes = await image("registry/api:2")(api);
      world.cancel();
      return changes;
    });
    expect([code, results]).toEqual(["job.canceled", ["deployment/api not-started rollout"]]);
  });
});

describe("a manifest that is undone", () => {
  const manifest = (to: string) => {
    const { spec, ...rest } = workload(to);
    const { replicas: _, ...others } = spec;
    return manifests({ ...rest, spec: others });
  };
  /** Somebody else applies that while the roll-out fails. */
  const deployBeside = async (manager: string, spec: object) => {
    const world = openWorld();
    await world.deploy(manifest("registry/api:1"));
    const call = {
      method: "PATCH",
      path: deploymentPath,
      type: "application/apply-patch+yaml",
      user: "them",
    };
    const query = new URLSearchParams({ fieldManager: manager, force: "true" });
    const body = JSON.stringify({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "api" },
      spec,
    });
    world.meet({ call: "GET pods", meanwhile: () => world.model.answer({ ...call, query, body }) });
    const { results } = await world.deploy(manifest("registry/api:broken"));
    return [results, JSON.stringify(world.model.read(deploymentPath)?.spec)];
  };

  test("leaves the replicas that an autoscaler has asked for meanwhile", async () => {
    const [results, spec] = await deployBeside("autoscaler", { replicas: 4 });
    expect(results).toEqual(["deployment/api rolled-back rollout"]);
    expect(spec).toMatch(/"image":"registry\/api:1".*"replicas":4/);
  });

  test("is left as it is where somebody else has changed what it says", async () => {
    const containers = [{ name: "api", image: "registry/api:3" }];
    const [results, spec] = await deployBeside("kubectl", { template: { spec: { containers } } });
    expect(results).toEqual(["deployment/api broken rollout"]);
    expect(spec).toContain('"image":"registry/api:3"');
  });
});
