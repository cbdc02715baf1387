import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const root = new URL("../../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), "utf8");

/** The failure modes and races that a parent, a child and the service between them can meet are numbered, 1 to 40. */
test("each of the forty failure modes has a scenario named after it, or a line that says why it cannot be modelled", () => {
  const files = readdirSync(new URL("test/e2e", root)).filter((name) => name.startsWith("failure-modes-"));
  const scenarios = files.flatMap((name) => [...read(`test/e2e/${name}`).matchAll(/ {2}test\("(\d+): /g)]);
  const [, section = ""] = read("src/simulator/FIDELITY.md").split(
    "## Failure modes that are not modelled\n",
  );
  const reasons = [...section.matchAll(/^- \((\d+)\) \S/gm)];
  const covered = new Set([...scenarios, ...reasons].map(([, number]) => Number(number)));
  expect([...covered].toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, place) => place + 1));
});
