import { join } from "node:path";
import { exists, listNames } from "./file-tree.ts";
import { StepFailure } from "./step-failure.ts";

/**
 * The paths below `root` that a pattern names, as Go's `filepath.Glob` finds them: `*` and `?` do match a
 * leading dot, and `**` means no more than `*`.
 */
export async function expandGlob(root: string, pattern: string): Promise<readonly string[]> {
  let found: readonly string[] = [""];
  for (const segment of pattern.split("/").filter((part) => part !== "" && part !== ".")) {
    found = (await Promise.all(found.map((folder) => step(root, folder, segment)))).flat();
  }
  return found;
}

async function step(root: string, folder: string, segment: string): Promise<readonly string[]> {
  if (!/[*?[\\]/.test(segment)) {
    const path = join(folder, segment);
    return (await exists(join(root, path))) ? [path] : [];
  }
  const matcher = translateSegment(segment);
  const names = (await listNames(join(root, folder))) ?? [];
  return names.filter((name) => matcher.test(name)).map((name) => join(folder, name));
}

/** One segment of a pattern of Go's `filepath.Match`; throws `StepFailure` when it is malformed. */
export function translateSegment(segment: string): RegExp {
  const parts = segment.match(/\\.|\*|\?|\[\^?(?:\\.|[^\]\\])+\]|[^\\[]/gsu) ?? [];
  if (parts.join("") !== segment) throw new StepFailure(`syntax error in pattern: ${segment}`);
  return new RegExp(`^${parts.map(translatePart).join("")}$`, "su");
}

function translatePart(part: string): string {
  if (part === "*") return ".*";
  if (part === "?") return ".";
  if (part.startsWith("[")) {
    const negated = part.startsWith("[^");
    const inner = part.slice(negated ? 2 : 1, -1).replaceAll(/(?<!\\)[[\]^]/g, "\\$&");
    return `[${negated ? "^" : ""}${inner}]`;
  }
  return quote(part.startsWith("\\") ? part.slice(1) : part);
}

function quote(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
