import { createHash } from "node:crypto";

/**
 * Any text as a name of letters, digits, dots, dashes and underscores: each run of others becomes a dash, and what may
 * not come first goes. What is too long, or has more than ASCII in it, ends in a hash of the whole, so that two of them
 * make two names. Of ASCII's own marks nothing is left: `a/b` and `a-b` make one.
 */
export function fitName(text: string, longest: number): string {
  const name = text.replace(/[^\w.-]+/g, "-").replace(/^[.-]+/, "");
  if (name !== "" && name.length <= longest && /^[ -~]*$/.test(text)) return name;
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 8);
  return `${name.slice(0, longest - 9)}-${hash}`.replace(/^-/, "");
}
