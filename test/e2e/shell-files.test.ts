import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { makeFolder } from "../support/folders.ts";
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

/** The definitions of the orb, and every configuration, that have shell of their own. */
function commandFiles(): readonly { readonly path: string }[] {
  const patterns = ["orb/*.yml", "*.circleci/*.yml", "examples/*.yml"];
  const listed = execFileSync("git", ["ls-files", "-z", ...patterns], { cwd: root, encoding: "utf8" });
  return listed.split("\0").flatMap((path) => {
    const hasCommands = path !== "" && commandsIn(parse(readFileSync(join(root, path), "utf8"))).length > 0;
    return hasCommands ? [{ path }] : [];
  });
}

/** The commands of all `run` steps, with a word for whatever is put in; a file that is included is checked as a file. */
function commandsIn(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, child]: [string, unknown]) => {
    const nested = typeof child === "object" && child !== null && "command" in child ? child.command : child;
    if (key !== "run" || typeof nested !== "string") return commandsIn(child);
    if (/^<<\s*include\(/.test(nested)) return [];
    return [`${nested.replace(/(?<!\\)<<[^<>]*>>/g, "word").replaceAll("\\<<", "<<")}\n`];
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

  test("knows the definitions with commands of their own", () => {
    expect(commandFiles().map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        "orb/commands/approve-in-parent.yml",
        ".circleci/config.yml",
        ".circleci/test-deploy.yml",
      ]),
    );
  });

  test.each(commandFiles())("finds nothing in the commands of $path", ({ path }) => {
    const commands = commandsIn(parse(readFileSync(join(root, path), "utf8"), { merge: true }));
    const folder = makeFolder(
      Object.fromEntries(commands.map((command, index) => [`${index + 1}.sh`, command])),
    );
    const { stdout } = spawnSync(shellcheck, ["--shell", "bash", ...readdirSync(folder)], {
      cwd: folder,
      encoding: "utf8",
    });
    expect(stdout).toBe("");
  });
});
