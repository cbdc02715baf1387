import type { Environment } from "../host/host.ts";
import { fillVariables } from "../orb/fill-variables.ts";
import { readLines } from "../orb/lines.ts";
import { Unfit } from "../orb/parameter.ts";
import { matchesAny } from "../protocol/glob.ts";

/** A machine that ssh logs in to. */
export interface Target {
  readonly user: string;
  readonly host: string;
  /** Null: as ssh's configuration says, which is 22 where it says nothing. */
  readonly port: number | null;
}

/** The hosts for a branch; none where no line is for it. */
export interface Hosts {
  readonly branch: string | null;
  readonly targets: readonly Target[];
}

export function showTarget({ user, host, port }: Target): string {
  return `${user}@${host.includes(":") ? `[${host}]` : host}${port === null ? "" : `:${port}`}`;
}

const form = /^([\w.][\w.-]*)@(\[([\da-fA-F:.]+)\]|[A-Za-z\d_][\w.-]*)(:(\d{1,5}))?$/;

/** `user@host`, `user@host:port`, `user@[::1]:port`. Throws `Unfit`. */
export function parseTarget(text: string): Target {
  const match = form.exec(text);
  const port = match?.[5] === undefined ? null : Number(match[5]);
  if (match === null || (port !== null && (port < 1 || port > 65_535))) {
    throw new Unfit(`has no host in "${text}"`, { hints: ["Write a host as user@host or user@host:port."] });
  }
  return { user: match[1] ?? "", host: match[3] ?? match[2] ?? "", port };
}

/**
 * Lines of `branch: user@host[:port][, …]`, of which the first that fits the branch counts; or hosts without a
 * branch, which are for any. Throws `Unfit`.
 */
export function parseHosts(text: string, env: Environment): Hosts {
  const branch = env.CIRCLE_BRANCH || null;
  const lines = readLines(text).map((line) => {
    // What a variable holds is an address, never a branch: the line is taken apart before it is filled.
    const [, pattern = null, list = ""] = /^([^@]+?):\s+(.*)$/.exec(line) ?? [null, null, line];
    return { line, pattern, list };
  });
  const plain = lines.filter(({ pattern }) => pattern === null);
  const odd = lines.find(({ pattern }) => /[\s,]|\$\{/.test(pattern ?? ""));
  if (odd !== undefined) {
    throw new Unfit(`has no branch in "${odd.pattern}"`, {
      hints: ["Write a line for each branch. Before the colon no variable is filled in."],
    });
  }
  if (plain.length > 0 && plain.length < lines.length) {
    throw new Unfit(`mixes hosts with and without a branch: "${plain[0]?.line}"`, {
      hints: ["Write a branch before each, such as `*: user@host` as the last, or before none."],
    });
  }
  const parsed = lines.map(({ pattern, list }) => ({ pattern, targets: () => parseList(list, env) }));
  // Only the lines for this branch need their variables, but every line must have a form.
  for (const { list } of lines) parseList(list.replace(/\$\{[^}]*\}/g, "x"), env, true);
  if (lines.length === 0) throw new Unfit("has no host");
  if (plain.length > 0) return { branch, targets: unique(parsed.flatMap(({ targets }) => targets())) };
  const fitting = parsed.find(({ pattern }) => pattern !== null && matchesAny(branch ?? "", [pattern]));
  return { branch, targets: unique(fitting?.targets() ?? []) };
}

function parseList(list: string, env: Environment, isSketch = false): readonly Target[] {
  const names = (isSketch ? list : fillVariables(list, env))
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
  // Else a variable that is empty would make a deploy to nowhere a success.
  if (names.length === 0) throw new Unfit(`has no host in "${list}"`);
  // A variable may hold several hosts, or user and host: such a place is judged once it is filled.
  return names.filter((name) => !isSketch || !/^x(:\d+)?$/.test(name)).map(parseTarget);
}

function unique(targets: readonly Target[]): readonly Target[] {
  return [...new Map(targets.map((target) => [showTarget(target), target])).values()];
}
