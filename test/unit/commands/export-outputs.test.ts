import { execFileSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exportOutputs } from "../../../src/commands/check-status/export-outputs.ts";
import { exportLine } from "../../../src/orb/export-line.ts";
import { makeFolder } from "../../support/folders.ts";
import { shells } from "../../support/shells.ts";

const output = (key: string, value: unknown) => ({ key, json: JSON.stringify(value) });

/** With a socket as standard input, bash believes that it serves a remote shell, and reads ~/.bashrc instead. */
const stdio = ["ignore", "pipe", "pipe"] as const;

/** What a program sees that a shell starts after it has read the lines, and the files that this has left behind. */
function readBack(argv: readonly [string, ...string[]], lines: string): Record<string, string> {
  const folder = makeFolder();
  const script = join(makeFolder(), "lines");
  writeFileSync(script, lines);
  const [file, ...args] = argv;
  const show = `. "${script}"; "${process.execPath}" -p "JSON.stringify(process.env)"`;
  const seen = execFileSync(file, [...args, show], {
    cwd: folder,
    env: {},
    stdio: [...stdio],
    encoding: "utf8",
  });
  expect(readdirSync(folder)).toEqual([]);
  return JSON.parse(seen);
}

/** What may be made of a line that is read in a wrong way. */
const hostile = fc.constantFrom("'", '"', "\\", "`", "$(touch x)", "`touch x`", "${PATH}", "$", "\n", "\r");
const awkward = fc.constantFrom(
  "%",
  "!!",
  "*",
  "~",
  ";",
  "&",
  "|",
  "<<",
  "#",
  "\t",
  " ",
  "'\\''",
  "\u{1f600}",
);
const text = fc
  .array(fc.oneof(hostile, awkward, fc.string({ unit: "binary" })), { maxLength: 12 })
  .map((parts) => parts.join("").replaceAll("\0", ""));

describe.each(shells)("read by $name", ({ argv }) => {
  test("gives every program each text exactly as it was set, and runs none of it", () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 25 }), (texts) => {
        const named = texts.map((each, index) => [`OUT_${index}`, each] as const);
        const lines = named.map(([name, each]) => exportLine(name, each)).join("");
        expect(readBack(argv, lines)).toMatchObject(Object.fromEntries(named));
      }),
      { numRuns: 15 },
    );
  });
});

test("bash reads it from BASH_ENV, as CircleCI's steps do", () => {
  const script = join(makeFolder(), "bash-env");
  writeFileSync(script, exportLine("OUT", "it's $(touch x)\n`touch y`") ?? "");
  const seen = execFileSync("/bin/bash", ["-eo", "pipefail", "-c", 'printf %s "$OUT"'], {
    cwd: makeFolder(),
    env: { BASH_ENV: script },
    stdio: [...stdio],
    encoding: "utf8",
  });
  expect(seen).toBe("it's $(touch x)\n`touch y`");
});

test("gives a text as it is, and any other document as it was written", () => {
  const outputs = [
    output("version", "1.2.3"),
    output("empty", ""),
    { key: "build-id", json: "12345678901234567890" },
    { key: "list", json: '[ 1,\n "it\'s" ]' },
    output("nothing", null),
  ];
  expect(exportOutputs("my.child-1", outputs)).toEqual({
    variables: [
      ["CIRCLEBACK_MY_CHILD_1_VERSION", "version"],
      ["CIRCLEBACK_MY_CHILD_1_EMPTY", "empty"],
      ["CIRCLEBACK_MY_CHILD_1_BUILD_ID", "build-id"],
      ["CIRCLEBACK_MY_CHILD_1_LIST", "list"],
      ["CIRCLEBACK_MY_CHILD_1_NOTHING", "nothing"],
    ].map(([name, key]) => ({ name, receipt: "my.child-1", key })),
    left: [],
    lines: [
      "export CIRCLEBACK_MY_CHILD_1_VERSION='1.2.3'",
      "export CIRCLEBACK_MY_CHILD_1_EMPTY=''",
      "export CIRCLEBACK_MY_CHILD_1_BUILD_ID='12345678901234567890'",
      "export CIRCLEBACK_MY_CHILD_1_LIST='[ 1,\n \"it'\\''s\" ]'",
      "export CIRCLEBACK_MY_CHILD_1_NOTHING='null'",
      "",
    ].join("\n"),
  });
});

test("leaves out what no variable can hold: a text with a NUL, and what would let no program start any more", () => {
  const outputs = [
    output("nul", "a\0b"),
    output("small", "a"),
    output("huge", "x".repeat(100_000)),
    output("last", "b"),
  ];
  expect(exportOutputs("c", outputs)).toEqual({
    variables: [
      { name: "CIRCLEBACK_C_SMALL", receipt: "c", key: "small" },
      { name: "CIRCLEBACK_C_LAST", receipt: "c", key: "last" },
    ],
    left: ["nul", "huge"],
    lines: "export CIRCLEBACK_C_SMALL='a'\nexport CIRCLEBACK_C_LAST='b'\n",
  });
});

test("makes a name of letters, digits and underscores of any key that a child comes up with", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (key) => {
      const { variables } = exportOutputs("child", [output(key, "a")]);
      expect(variables.map(({ name }) => name).join()).toMatch(/^CIRCLEBACK_CHILD_[A-Z0-9_]*$/);
    }),
  );
});

test("refuses two keys that make the same variable", () => {
  expect(() => exportOutputs("child", [output("a-b", 1), output("A_B", 1)])).toThrow(
    expect.objectContaining({
      code: "output.invalid",
      message: "The outputs `a-b` and `A_B` would both become CIRCLEBACK_CHILD_A_B.",
    }),
  );
});

test("refuses outputs of two receipts that make the same variable", () => {
  const { variables } = exportOutputs("a", [output("b_c", 1)]);
  expect(() => exportOutputs("a_b", [output("c", 2)], variables)).toThrow(
    expect.objectContaining({
      code: "output.invalid",
      exitCode: 2,
      message:
        "The outputs `b_c` of the receipt `a` and `c` of the receipt `a_b` would both become CIRCLEBACK_A_B_C.",
      hints: [
        "Give one of the receipts or outputs another name, or check the receipts in jobs of their own.",
      ],
    }),
  );
});

test.each([
  ["param", "token"],
  ["node", "mirror"],
  ["install", "node-script"],
  ["signing", "secret"],
])("lets no child set a variable of circleback's own: receipt %s, key %s", (receipt, key) => {
  expect(() => exportOutputs(receipt, [output(key, "x")])).toThrow(
    expect.objectContaining({ code: "output.invalid", exitCode: 2 }),
  );
});
