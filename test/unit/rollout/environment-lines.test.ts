import { expect, test } from "vitest";
import { Unfit } from "../../../src/orb/parameter.ts";
import { parseEnvironment } from "../../../src/rollout/environment-lines.ts";

test("takes values as they are written, and those of variables whole", () => {
  const env = { KEY: "line 1\nline 2=${OTHER}", URL: "db" };
  const text = "A=1\nB=x = 'y' $z `w` %s\nKEY\nC=postgres://${URL}/\nD=";
  expect(parseEnvironment(text, env)).toEqual([
    { name: "A", value: "1", isSecret: false },
    { name: "B", value: "x = 'y' $z `w` %s", isSecret: false },
    { name: "KEY", value: "line 1\nline 2=${OTHER}", isSecret: true },
    { name: "C", value: "postgres://db/", isSecret: true },
    { name: "D", value: "", isSecret: false },
  ]);
});

test.each(["1A=x", "a-b=x", "=x", "export A=x", "UID=7", "IMAGE=other", "NOWHERE"])(
  "refuses %j, and repeats no value",
  (line) => {
    expect(() => parseEnvironment(`${line}`, {})).toThrow(Unfit);
    expect(() => parseEnvironment("a-b=hunter2", {})).toThrow(/^(?!.*hunter2)/);
  },
);
