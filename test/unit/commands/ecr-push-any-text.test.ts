import { posix } from "node:path";
import { expect, test } from "vitest";
import { definition } from "../../../src/commands/ecr-push/definition.ts";
import { push } from "./ecr-push-world.ts";

const names = Object.keys(definition.parameters);
const pieces = [
  ...["a", "1", "master", "x".repeat(130), "linux/amd64", "none", "é", "sha256:", "--push", "-f"],
  ...["=", "/", ":", ".", "..", "-", ",", "*", "'", '"', "\\", " ", "\n", "\r", "\t", "<<"],
  ...["${CIRCLE_BRANCH}", "${NOWHERE}", "${", "}", "$(x)", "`x`"],
];
const switches = ["--load", "--push"];
const options =
  /^--(file|tag|build-arg|label|secret|target|platform|cache-from|cache-to|provenance|iidfile|metadata-file)$/;

/** The arguments of a build where one stands in a place that is not its own; null where there is none. */
function findMisplaced([, build, ...args]: readonly string[]): readonly string[] | null {
  const context = args.at(-1) ?? "";
  let at = 0;
  while (at < args.length - 1) {
    if (switches.includes(args[at] ?? "")) at += 1;
    else if (options.test(args[at] ?? "")) at += 2;
    else break;
  }
  return build === "build" && at === args.length - 1 && context.startsWith(".") ? null : args;
}

test.each(names)(
  "takes any text in `%s` for data: no bug, and nothing but its own place in Docker's arguments",
  async (name) => {
    for (const text of pieces.flatMap((piece) => [piece, `a${piece}`, `a=${piece}`])) {
      const env = { CIRCLE_BRANCH: text, CIRCLE_SHA1: text, CIRCLE_REPOSITORY_URL: text };
      const files = { [`./${posix.join(text, "Dockerfile")}`]: "FROM scratch" };
      const { exit, commands } = await push({ tags: {}, parameters: { [name]: text }, env, files });
      const builds = commands.map(({ args }) => args).filter((args) => args.includes("build"));
      expect([text, [0, 2, 3].includes(exit), builds.map(findMisplaced).filter(Boolean)]).toEqual([
        text,
        true,
        [],
      ]);
    }
  },
);
