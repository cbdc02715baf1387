import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Where a build comes from, for whoever has only the build: `circleback 1.2.3, commit …, https://…`. */
export function nameSource(root: string): string {
  const { name, version, homepage } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
  return `${name} ${version}, ${nameCommit(root)}, ${homepage}`;
}

/** Without git, or with changes that no commit has, no commit is named that would not give the same build. */
export function nameCommit(root: string): string {
  try {
    const git = (...args: readonly string[]) =>
      execFileSync("git", ["-C", root, ...args], {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
      }).trim();
    const commit = git("rev-parse", "HEAD");
    return git("status", "--porcelain") === "" ? `commit ${commit}` : `commit ${commit} with changes`;
  } catch {
    return "no commit";
  }
}
