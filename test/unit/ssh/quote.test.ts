import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { environmentFile } from "../../../src/rollout/environment-lines.ts";
import { quote } from "../../../src/ssh/quote.ts";
import { shells } from "../../support/shells.ts";

const texts = fc.array(
  fc.string({ unit: fc.constantFrom(..."'\"`$\\!%*?~#&|;<>(){}[] \t\n\r=-", "a", "é", "\u{1f600}", "\x7f") }),
  { minLength: 20, maxLength: 20 },
);

describe.each(shells)("$name", ({ argv: [program, ...args] }) => {
  const shell = args.filter((arg) => arg !== "-c");

  test("reads a quoted text as it was", () => {
    fc.assert(
      fc.property(texts, (each) => {
        const script = each.map((text) => `printf '%s\\0' ${quote(text)}`).join("\n");
        expect(spawnSync(program, shell, { input: script }).stdout.toString().split("\0")).toEqual([
          ...each,
          "",
        ]);
      }),
      { numRuns: 20 },
    );
  });

  test("hands variables of a file on as they were", () => {
    fc.assert(
      fc.property(texts, (each) => {
        const variables = each.map((value, index) => ({ name: `V_${index}`, value, isSecret: true }));
        const script = `${environmentFile(variables)}exec env -0`;
        const { stdout } = spawnSync(program, shell, { input: script, env: { PATH: process.env.PATH } });
        const read = new Map(
          stdout
            .toString()
            .split("\0")
            .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
        );
        expect(variables.map(({ name }) => read.get(name))).toEqual(each);
      }),
      { numRuns: 20 },
    );
  });
});
