import { describe, expect, it } from "vitest";
import { translateSegment } from "../../../src/simulator/runner/glob.ts";

describe("a segment of a pattern", () => {
  const matches = (pattern: string, names: readonly string[]) =>
    names.filter((name) => translateSegment(pattern).test(name));

  it("matches as Go's filepath.Match does", () => {
    expect(matches("*.a", ["x.a", ".a", "x.ab", "xa", "x\n.a"])).toEqual(["x.a", ".a", "x\n.a"]);
    expect(matches("?", ["a", "ä", "😀", "", "ab"])).toEqual(["a", "ä", "😀"]);
    expect(matches("[a-c]", ["a", "b", "d", "-"])).toEqual(["a", "b"]);
    expect(matches("[^a-c]", ["a", "d"])).toEqual(["d"]);
    expect(matches("[!a]", ["!", "a", "b"])).toEqual(["!", "a"]);
    expect(matches("\\*", ["*", "a"])).toEqual(["*"]);
    expect(matches("a+b(c)|{d}^$.", ["a+b(c)|{d}^$.", "aab"])).toEqual(["a+b(c)|{d}^$."]);
  });

  it("refuses a malformed one", () => {
    for (const pattern of ["[", "[a", "[]", "a\\"]) {
      expect(() => translateSegment(pattern)).toThrow(`syntax error in pattern: ${pattern}`);
    }
  });
});
