import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findProgram, hasPrograms } from "../support/toolbox.ts";

const root = join(import.meta.dirname, "../..");

/** Every shell file that git tracks or would track, with the dialect it is written in. */
function shellFiles(): { readonly path: string; readonly dialect: string }[] {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  return listed.split("\0").flatMap((path) => {
    if (path === "" || !existsSync(join(root, path))) return [];
    const [, dialect] = /^#!.*\b(bash|sh)\b/.exec(readFileSync(join(root, path), "utf8")) ?? [];
    if (dialect !== undefined) return [{ path, dialect }];
    return path.endsWith(".sh") ? [{ path, dialect: "sh" }] : []; // the orb's: a step has no #! line
  });
}

describe.runIf(hasPrograms("shellcheck"))("shellcheck", () => {
  const files = shellFiles();
  const shellcheck = findProgram("shellcheck") ?? "";

  test("knows the shell files of this repository", () => {
    expect(files.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        ".ci/run",
        "orb/scripts/install-node.sh",
        "orb/scripts/run.sh",
        "scripts/services",
      ]),
    );
  });

  test.each(files)("finds nothing in $path", ({ path, dialect }) => {
    const { status, stdout } = spawnSync(shellcheck, ["--shell", dialect, path], {
      cwd: root,
      encoding: "utf8",
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
  });
});
