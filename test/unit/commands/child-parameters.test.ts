import { expect, test } from "vitest";
import { parseChildParameters } from "../../../src/commands/trigger-and-wait/child-parameters.ts";

const env = {
  BRANCH: "feature/x",
  TRICKY: '${BRANCH}", "admin": true, "x": "',
  EMPTY: "",
  COUNT: "5",
  YES: "true",
  LINES: "x\nadmin=true",
  QUOTED: '"5"',
};

test.each([
  ["", {}],
  ["a=1", { a: 1 }],
  ["a = 1\n\n  b=two words  \n", { a: 1, b: "two words" }],
  ["yes=true\nno=false", { yes: true, no: false }],
  ["a=-5\nb=007\nc=1.5\nd=12345678901234567890", { a: -5, b: "007", c: "1.5", d: "12345678901234567890" }],
  [`a="1"\nb='true'\nc=""`, { a: "1", b: "true", c: "" }],
  ["a=", { a: "" }],
  ["url=https://x.example/?a=b", { url: "https://x.example/?a=b" }],
  ["branch=${BRANCH}-1\nempty=${EMPTY}", { branch: "feature/x-1", empty: "" }],
  ["a=${COUNT}\nb=${YES}\nc=1${COUNT}", { a: 5, b: true, c: 15 }],
  [`a="\${COUNT}"\nb='\${YES}'`, { a: "5", b: "true" }],
  ["a=${LINES}", { a: env.LINES }],
  ["a=${QUOTED}", { a: env.QUOTED }],
  ["a=${TRICKY}", { a: env.TRICKY }],
  ['{"a": 1, "b": true, "c": "${BRANCH}"}', { a: 1, b: true, c: "feature/x" }],
  ['{"a": "${TRICKY}"}', { a: env.TRICKY }],
  ['{"a": "b\\": ", "b": "\\\\", "c": "{"}', { a: 'b": ', b: "\\", c: "{" }],
])("reads %j", (text, parameters) => {
  expect(parseChildParameters(text, env)).toEqual(parameters);
});

test.each([
  ["just words", 'has a line that is not key=value: "just words"'],
  ["=1", 'has a line that is not key=value: "=1"'],
  ['a="open', 'has a quote that is never closed at "a"'],
  ["a=1\na=2", 'gives "a" twice'],
  ['{"a": 1, "b": 2, "a": 3}', 'gives "a" twice'],
  ['{"a b": "x", "a\\u0020b" : "y"}', 'gives "a b" twice'],
  ["a=${NOPE}", "uses ${NOPE}, but there is no environment variable NOPE"],
  ['{"a": }', "begins with { but is no JSON object"],
  ['{"a": 1.5}', 'gives "a" the value 1.5; only strings, whole numbers and true or false can be passed'],
  ['{"a": {"b": 1}}', 'gives "a" the value {"b":1}'],
  ['{"a": null}', 'gives "a" the value null'],
  [`${"k".repeat(129)}=1`, "has a name of 129 characters; CircleCI takes 128"],
  [`a=${"v".repeat(513)}`, 'has a value of 513 characters for "a"; CircleCI takes 512'],
  [
    Array.from({ length: 101 }, (_, index) => `k${index}=1`).join("\n"),
    "has 101 entries; CircleCI takes 100",
  ],
])("refuses %j", (text, message) => {
  expect(() => parseChildParameters(text, env)).toThrow(message);
});

test("takes what is just within CircleCI's limits", () => {
  const text = Array.from(
    { length: 100 },
    (_, index) => `${`k${index}`.padEnd(128, "x")}=${"v".repeat(512)}`,
  ).join("\n");
  expect(Object.keys(parseChildParameters(text, env))).toHaveLength(100);
});
