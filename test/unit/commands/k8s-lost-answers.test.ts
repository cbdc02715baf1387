import fc from "fast-check";
import { expect, test } from "vitest";
import { UserError } from "../../../src/errors.ts";
import { deploymentPath, workload } from "../../support/kubernetes.ts";
import { image, manifests, openWorld } from "./k8s-world.ts";

const paths: Readonly<Record<string, string>> = {
  "deployment/api": deploymentPath,
  "configmap/settings": "/api/v1/namespaces/web/configmaps/settings",
};

const settings = (a: string) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "settings" },
  data: { a },
});

const trouble = fc.record({
  call: fc.constantFrom(
    ...["PATCH deployments/api", "PATCH configmaps/settings", "DELETE configmaps/settings"],
    ...["GET deployments/api", "GET configmaps/settings", "GET pods"],
  ),
  after: fc.nat(3),
  times: fc.integer({ min: 1, max: 6 }),
  status: fc.constantFrom(null, 200, 502, 504),
  isLast: fc.boolean(),
});

const deploys = fc.record({
  troubles: fc.array(trouble, { minLength: 1, maxLength: 3 }),
  hasSettings: fc.boolean(),
  way: fc.constantFrom("image", "manifests"),
  to: fc.constantFrom("registry/api:2", "registry/api:broken", "registry/api:slow"),
});

/** What a result claims of an object that was such before, is such now, and was to get that image. */
function isTrue(result: string, was: string, is: string, to: string): boolean {
  switch (result) {
    case "deployed":
      return is.includes(to) || is.includes('"a":"2"');
    case "rolled-back rollout":
    case "rolled-back apply":
    case "failed apply":
    case "not-started apply":
      return is === was;
    default:
      return true;
  }
}

test("says of no object what is not so, whichever answers are lost", async () => {
  const property = fc.asyncProperty(deploys, async ({ troubles, hasSettings, way, to }) => {
    const world = openWorld();
    const old = hasSettings ? [settings("1")] : [];
    await world.deploy(manifests(...old, workload("registry/api:1")));
    const read = (name: string) => JSON.stringify(world.model.read(paths[name] ?? ""));
    const before = new Map(Object.keys(paths).map((name) => [name, read(name)]));
    for (const { isLast, ...each } of troubles) {
      world.meet({ ...each, ...(isLast && { meanwhile: world.vanish }) });
    }
    const plan = way === "image" ? image(to) : manifests(settings("2"), workload(to));
    const ending = await world.deploy(plan).catch((error: unknown) => {
      if (error instanceof UserError) return null; // before anything was changed
      throw error;
    });
    const lies = [...before].flatMap(([name, was]) => {
      const line = ending?.results.find((each) => each.startsWith(name));
      const result = ending === null ? "not-started apply" : (line?.slice(name.length + 1) ?? "");
      return isTrue(result, was, read(name), to) ? [] : [`${name} ${result}: ${was} became ${read(name)}`];
    });
    expect(lies).toEqual([]);
  });
  await fc.assert(property, { numRuns: 60 });
});
