import { describe, expect, it } from "vitest";
import { run } from "../../support/run-step.ts";
import { makeRunner, runToEnd } from "./job-harness.ts";

/** What a job prints with these commands, one step each. */
async function outputsOf(commands: readonly string[], options: { readonly parallelism?: number } = {}) {
  const { runner } = makeRunner();
  const { outcome, steps } = await runToEnd(
    runner,
    commands.map((command) => run(command)),
    options,
  );
  return { outcome, outputs: steps.map(({ output }) => output) };
}

describe("circleci env subst", () => {
  it.each([
    ["hello $WHO and ${WHO}!", "hello you and you!"],
    ["$NOTHING-${NOTHING}.", "-."],
    ["${NOTHING:-none} ${WHO:-none} ${EMPTY:-none} ${EMPTY-none}", "none you none "],
    ["${NOTHING:-${WHO}} ${WHO:+there} ${NOTHING+there}", "you there "],
    ["costs 5$ or $5, $(not run), `nor this`", "costs 5$ or $5, $(not run), `nor this`"],
    ['a "quoted" \\n $WHO', 'a "quoted" \\n you'],
  ])("turns %s into %s", async (text, expected) => {
    const quoted = `'${text}'`;
    const set = "export WHO=you EMPTY=;";
    expect(
      await outputsOf([`${set} circleci env subst ${quoted}`, `${set} echo ${quoted} | circleci env subst`]),
    ).toEqual({ outcome: "success", outputs: [expected, `${expected}\n`] });
  });
});

describe("circleci tests", () => {
  const files = "mkdir -p a/b && touch a/1.js a/b/2.js a/b/3.ts 'a/b/4 x.js' d.js";

  it("glob lists the files that match any pattern", async () => {
    const { outputs } = await outputsOf([files, 'circleci tests glob "a/**/*.{js,ts}" "?.js" "none/*"']);
    expect(outputs[1]?.split("\n")).toEqual(["a/1.js", "a/b/2.js", "a/b/4 x.js", "a/b/3.ts", "d.js", ""]);
  });

  it("split and run give each node its part", async () => {
    const list = "printf '%s\\n' c a b e d";
    const { outcome, outputs } = await outputsOf(
      [
        `echo "$CIRCLE_NODE_INDEX:" $(${list} | circleci tests split --split-by=timings)`,
        `${list} | circleci tests run --verbose --command="xargs echo run $CIRCLE_NODE_INDEX:" --split-by name`,
      ],
      { parallelism: 2 },
    );
    expect({ outcome, outputs: outputs.toSorted() }).toEqual({
      outcome: "success",
      outputs: ["0: a c e\n", "1: b d\n", "run 0: a c e\n", "run 1: b d\n"],
    });
  });

  it("take another index and total, and end as what they run ends", async () => {
    expect(
      await outputsOf([
        "printf '%s\\n' a b c | circleci tests split --index 1 --total=3",
        "printf 'a\\n' | circleci tests run --index=5 --total=9 --command='echo never'",
        "echo a | circleci tests run --command='cat; exit 3'",
      ]),
    ).toEqual({
      outcome: "failed",
      outputs: ["b\n", "No tests fall to node 5 of 9.\n", "a\n"],
    });
  });
});
