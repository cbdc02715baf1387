import { execFileSync } from "node:child_process";
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { makeFolder } from "../support/folders.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

function buildClone(name: string): {
  readonly orb: string;
  readonly program: string;
  /** As npm serves it. */
  readonly archive: string;
  readonly title: string;
} {
  const folder = join(makeFolder(), name);
  execFileSync("git", ["clone", "--quiet", root, folder]);
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  execFileSync("npm", ["run", "--silent", "build", "--", "--quiet"], { cwd: folder });
  const read = (file: string) => readFileSync(join(folder, file), "utf8");
  const [title = ""] = read("orb/scripts/check-status.cjs").split("\n");
  const packed = execFileSync("npm", ["pack", "--json"], { cwd: folder, encoding: "utf8" });
  const [{ integrity: archive }] = JSON.parse(packed);
  return { orb: read("dist/orb.yml"), program: read("dist/circleback.js"), archive, title };
}

test("the same commit gives the same orb, program and package, wherever it is built, and all of them name it", () => {
  const [first, second] = [buildClone("first"), buildClone("a second folder")];
  expect(second.orb === first.orb).toBe(true);
  expect(second.program === first.program).toBe(true);
  expect(second.archive).toBe(first.archive);
  const commit = execFileSync("git", ["-C", root, "rev-parse", "HEAD"], { encoding: "utf8" }).trim();
  const { version, homepage } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const source = `circleback ${version}, commit ${commit}, ${homepage}.`;
  expect(first.title).toContain(`check-status of ${source}`);
  expect(first.program.split("\n")[1]).toBe(`// The command line of ${source}`);
});
