import { join } from "node:path";
import { expect, test } from "vitest";
import { loadScenario } from "../../../src/simulator/scenario/load-scenario.ts";
import { ScenarioError } from "../../../src/simulator/scenario/scenario-error.ts";
import { makeFolder } from "../../support/folders.ts";

test("reads the orbs of a scenario from beside it", () => {
  const folder = makeFolder({
    "scenarios/release.yml":
      "orbs: { acme/tools@1: ../dist/orb.yml }\nprojects: { gh/acme/app: { path: . } }\n",
    "dist/orb.yml": "version: 2.1\n",
  });
  const { orbs } = loadScenario(join(folder, "scenarios/release.yml"));
  expect(orbs).toEqual(new Map([["acme/tools@1", "version: 2.1\n"]]));
});

test("names every file and folder that is not there", () => {
  const folder = makeFolder({
    "release.yml":
      "orbs: { acme/tools@1: orb.yml }\nprojects: { gh/acme/app: { path: app, ssh-keys: { 'SHA256:x': key } } }\n",
  });
  const file = join(folder, "release.yml");
  expect(() => loadScenario(file)).toThrow(
    new ScenarioError(file, [
      `orbs.acme/tools@1: the orb file ${folder}/orb.yml cannot be read (ENOENT).`,
      `projects.gh/acme/app.path: there is no folder ${folder}/app.`,
      `projects.gh/acme/app.ssh-keys.SHA256:x: there is no file ${folder}/key.`,
    ]),
  );
});

test("says that the scenario itself is not there", () => {
  expect(() => loadScenario("/nowhere/release.yml")).toThrow(
    new ScenarioError("/nowhere/release.yml", ["The file cannot be read (ENOENT): check its name."]),
  );
});
