import fc from "fast-check";
import { expect, test } from "vitest";
import { definition } from "../../../src/commands/ecr-push/definition.ts";
import { push } from "./ecr-push-world.ts";

const names = Object.keys(definition.parameters);
const pieces = [
  ...["a", "1", "master", "x".repeat(130), "linux/amd64", "none", "é", "sha256:", "--push", "-f"],
  ...["=", "/", ":", ".", "..", "-", ",", "*", "'", '"', "\\", " ", "\n", "\r", "\t", "<<"],
  ...["${CIRCLE_BRANCH}", "${NOWHERE}", "${", "}", "$(x)", "`x`"],
];
const text = fc.oneof(
  fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).map((words) => words.join("")),
  fc.string({ unit: "binary", maxLength: 12 }),
);

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

test("takes any text for data: it is a bug nowhere, and in Docker's arguments it has its own place alone", async () => {
  const parameters = fc.dictionary(fc.constantFrom(...names), text, { maxKeys: 3 });
  const run = fc.asyncProperty(parameters, text, text, async (given, branch, other) => {
    const env = { CIRCLE_BRANCH: branch, CIRCLE_SHA1: other, CIRCLE_REPOSITORY_URL: other };
    const { exit, commands } = await push({ tags: {}, parameters: given, env });
    const builds = commands.map(({ args }) => args).filter((args) => args.includes("build"));
    expect([[0, 2, 3].includes(exit), builds.map(findMisplaced).filter(Boolean)]).toEqual([true, []]);
  });
  await fc.assert(run, { numRuns: 400 });
});
