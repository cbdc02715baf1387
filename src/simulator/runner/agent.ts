import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { JobFolder } from "./job-folder.ts";

/**
 * Replaces `$NAME`, `${NAME}` and the forms with a default, in the whole input. Another awk than the GNU one must do,
 * and the script that this stands in quotes it with apostrophes.
 */
const substitution = String.raw`
function value(name) { return name in ENVIRON ? ENVIRON[name] : "" }
function closing(text,    at, depth, letter) {
  for (at = 1; at <= length(text); at++) {
    letter = substr(text, at, 1)
    if (letter == "{") depth++
    if (letter == "}" && --depth == 0) return at
  }
  return 0
}
function expand(inner,    name, rest, isColon, isThere) {
  if (!match(inner, /^[A-Za-z_][A-Za-z0-9_]*/)) return "$" "{" inner "}"
  name = substr(inner, 1, RLENGTH)
  rest = substr(inner, RLENGTH + 1)
  if (rest == "") return value(name)
  isColon = substr(rest, 1, 1) == ":"
  if (isColon) rest = substr(rest, 2)
  isThere = isColon ? value(name) != "" : name in ENVIRON
  if (rest ~ /^[-=]/) return isThere ? value(name) : subst(substr(rest, 2))
  if (rest ~ /^[+]/) return isThere ? subst(substr(rest, 2)) : ""
  return "$" "{" inner "}"
}
function subst(text,    out, at) {
  out = ""
  while ((at = index(text, "$")) > 0) {
    out = out substr(text, 1, at - 1)
    text = substr(text, at + 1)
    if (match(text, /^[A-Za-z_][A-Za-z0-9_]*/)) {
      out = out value(substr(text, 1, RLENGTH))
      text = substr(text, RLENGTH + 1)
    } else if (substr(text, 1, 1) == "{" && (at = closing(text)) > 0) {
      out = out expand(substr(text, 2, at - 2))
      text = substr(text, at + 1)
    } else out = out "$"
  }
  return out text
}
BEGIN { RS = "\001" }
{ printf "%s", subst($0) }`;

/** Prints a pattern once for each way through its braces, which a shell does not open in what a variable holds. */
const braces = `
function open(pattern,    at, end, inner, count, parts, each) {
  if (!match(pattern, /[{][^{}]*[}]/)) { print pattern; return }
  at = RSTART; end = RSTART + RLENGTH
  inner = substr(pattern, at + 1, end - at - 2)
  count = split(inner, parts, ",")
  for (each = 1; each <= count; each++) open(substr(pattern, 1, at - 1) parts[each] substr(pattern, end))
}
{ open($0) }`;

function scriptFor(haltFile: string): string {
  return String.raw`#!/usr/bin/env bash
# What the steps of a job find as circleci and as circleci-agent.
subst() { awk '${substitution}'; }

globbed() {
  shopt -s globstar nullglob
  local IFS= file pattern
  printf '%s\n' "$@" | awk '${braces}' | while read -r pattern; do
    for file in $pattern; do [ ! -f "$file" ] || printf '%s\n' "$file"; done
  done
}

# The lines that fall to this node, with the names in their order dealt out one after the other.
split() {
  LC_ALL=C sort | awk -v index_="$index" -v total="$total" 'NF && count++ % total == index_'
}

run_part() {
  local part
  part=$(split)
  [ -n "$part" ] || { echo "No tests fall to node $index of $total." >&2; return 0; }
  printf '%s\n' "$part" | bash -c "$command"
}

index=$CIRCLE_NODE_INDEX total=$CIRCLE_NODE_TOTAL command=
case "$1 $2" in
  "step halt") : > '${haltFile.replaceAll("'", "'\\''")}' ;;
  "env subst") if [ $# -gt 2 ]; then printf %s "$3"; else cat; fi | subst ;;
  "tests glob") shift 2; globbed "$@" ;;
  "tests split" | "tests run")
    verb=$2
    shift 2
    while [ $# -gt 0 ]; do
      option=$1
      case $option in
        --index | --total | --command | --split-by | --timings-type) option=$1=$2; shift ;;
      esac
      case $option in
        --index=*) index=$(cut -d= -f2- <<<"$option") ;;
        --total=*) total=$(cut -d= -f2- <<<"$option") ;;
        --command=*) command=$(cut -d= -f2- <<<"$option") ;;
        -*) ;;
      esac
      shift
    done
    if [ "$verb" = run ]; then run_part; else split; fi ;;
  *)
    echo "The simulator's circleci knows only: step halt, env subst, tests glob, tests split, tests run" >&2
    exit 1 ;;
esac
`;
}

/** Puts the program that jobs find as `circleci` and `circleci-agent` on the job's PATH. */
export async function installAgent(folder: JobFolder): Promise<void> {
  const script = scriptFor(folder.halt);
  await mkdir(folder.tools, { recursive: true });
  for (const name of ["circleci", "circleci-agent"]) {
    await writeFile(join(folder.tools, name), script, { mode: 0o755 });
  }
}
