import { execFileSync } from "node:child_process";
import { existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cacheFolder } from "../support/cache.ts";
import { makeFolder } from "../support/folders.ts";
import { available } from "../support/require.ts";
import { run } from "../support/run.ts";

const root = join(import.meta.dirname, "../..");
const folderOf = (version: string) => join(cacheFolder, "nodes", version, "bin");

// The tests themselves run with the machine's own. .ci/run has `npm run check` with these two.
const versions = ["22.23.2", "24.20.0"].filter((version) =>
  available(`node@${version}`, () =>
    existsSync(folderOf(version)) ? null : `${folderOf(version)} is missing`,
  ),
);

test.each(versions)("npm start passes with Node %s", { timeout: 300_000 }, async (version) => {
  const clone = join(makeFolder(), "circleback");
  execFileSync("git", ["clone", "--quiet", root, clone]);
  symlinkSync(join(root, "node_modules"), join(clone, "node_modules"));
  const env = { ...process.env, PATH: `${folderOf(version)}:${process.env.PATH}` };
  const asked = await run("node", ["--version"], { env });
  expect(asked.stdout.trim()).toBe(`v${version}`);

  const { exitCode, output } = await run("npm", ["start"], { cwd: clone, env });
  expect({ exitCode, output }).toMatchObject({ exitCode: 0, output: expect.stringContaining("success") });
  expect(existsSync(join(clone, "dist/circleback.html"))).toBe(true);
});
