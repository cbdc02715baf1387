import fc from "fast-check";
import { expect, test } from "vitest";
import { parseBranchTags, parseTags } from "../../../src/commands/ecr-push/tags.ts";
import { fitName } from "../../../src/orb/fit-name.ts";

const sanitiseTag = (text: string) => fitName(text, 128);
const grammar = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const anything = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.string({ unit: fc.constantFrom(..."ab/._-$(){}`'\" \n*"), maxLength: 300 }),
);

test("makes a tag of any text", () => {
  fc.assert(fc.property(anything, (text) => grammar.test(sanitiseTag(text))));
});

test("leaves what is a tag as it is, and so its own work", () => {
  fc.assert(fc.property(anything, (text) => sanitiseTag(sanitiseTag(text)) === sanitiseTag(text)));
  const tags = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/);
  fc.assert(fc.property(tags, (tag) => sanitiseTag(tag) === tag));
});

test("keeps long texts apart that differ only where they are cut", () => {
  const long = fc.string({ unit: fc.constantFrom(..."abc/-"), minLength: 120, maxLength: 140 });
  fc.assert(
    fc.property(long, fc.constantFrom("x", "y"), (text, end) => {
      const [one, two] = [`a${text}${"p".repeat(20)}${end}`, `a${text}${"p".repeat(20)}${end}z`];
      return sanitiseTag(one) !== sanitiseTag(two);
    }),
  );
});

test.each([
  ["feature/login", "feature-login"],
  ["feature/$(touch pwned)", "feature-touch-pwned-"],
  ["-x", "x"],
  ["..a", "a"],
  ["ü", "607474ca"],
  ["f/日本", "f--e64eef5a"],
  ["f/中国", "f--24065de6"],
  ["x".repeat(129), `${"x".repeat(119)}-0ec9eb33`],
])("makes of %j the tag %s", (text, tag) => expect(sanitiseTag(text)).toBe(tag));

test("fills variables once, and sanitises nothing but them", () => {
  const env = { CIRCLE_BUILD_NUM: "7", CIRCLE_BRANCH: "feature/${CIRCLE_BUILD_NUM}" };
  expect(parseTags("0.1.${CIRCLE_BUILD_NUM}\n\n ${CIRCLE_BRANCH} \nlatest", env)).toEqual([
    { tag: "0.1.7", rule: "0.1.${CIRCLE_BUILD_NUM}" },
    { tag: "feature-CIRCLE_BUILD_NUM-", rule: "${CIRCLE_BRANCH}" },
    { tag: "latest", rule: "latest" },
  ]);
});

test.each([
  ["latest version", 'has a tag that no registry takes: "latest version"'],
  ["-latest", 'has a tag that no registry takes: "-latest"'],
  ["$CIRCLE_TAG", 'has a tag that no registry takes: "$CIRCLE_TAG"'],
  ["x".repeat(129), "has a tag that no registry takes"],
  ["a/${TAG}", 'has a tag that no registry takes: "a/${TAG}"'],
  ["${EMPTY}", 'uses ${EMPTY} in "${EMPTY}", but EMPTY is empty'],
  ["0.1.${EMPTY}", 'uses ${EMPTY} in "0.1.${EMPTY}", but EMPTY is empty'],
  ["${TAG}-${BLANK}", 'uses ${BLANK} in "${TAG}-${BLANK}", but BLANK is empty'],
  ["${NOPE}", "uses ${NOPE}, but there is no environment variable NOPE"],
  ["${", 'has a tag that no registry takes: "${"'],
])("refuses the tag %j", (text, message) => {
  expect(() => parseTags(text, { TAG: "1", EMPTY: "", BLANK: " " })).toThrow(message);
});

test("knows the tag of the branch that is built, and the tags of all", () => {
  const text = "develop=develop\nmain = production\nrelease/1=a=b\nhotfix=production";
  expect(() => parseBranchTags(text, {})).not.toThrow();
  expect(parseBranchTags(text, { CIRCLE_BRANCH: "main" })).toEqual({
    current: { tag: "production", rule: "branch main" },
    all: [
      { tag: "develop", rule: "branch develop" },
      { tag: "production", rule: "branch main" },
      { tag: "b", rule: "branch release/1=a" },
    ],
  });
  expect(parseBranchTags(text, { CIRCLE_BRANCH: "hotfix" }).all[1]?.rule).toBe("branch hotfix");
  expect(parseBranchTags(text, { CIRCLE_BRANCH: "release/1=a" }).current?.tag).toBe("b");
  expect(parseBranchTags(text, { CIRCLE_BRANCH: "Develop" }).current).toBeNull();
  expect(parseBranchTags("", {})).toEqual({ current: null, all: [] });
});
