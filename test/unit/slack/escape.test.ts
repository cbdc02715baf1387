import { expect, test } from "vitest";
import { cut, cutMrkdwn, escapeMarkdown, escapeMrkdwn, flatten } from "../../../src/slack/escape.ts";

const apart = (mark: string) => `\u200b${mark}\u200b`;

test.each([
  ["a mention of everybody", "<!channel>", "&lt;!channel&gt;"],
  ["a link", "<https://evil.example|docs>", "&lt;https://evil.example|docs&gt;"],
  ["what is escaped already", "a &lt; b", "a &amp;lt; b"],
  ["bold", "*boom*", `${apart("*")}boom${apart("*")}`],
  ["code", "`x`", `${apart("`")}x${apart("`")}`],
  ["marks within words, which format nothing", "fix_the_login 2*3", "fix_the_login 2*3"],
  ["a mark at the edge of a word", "_private", `${apart("_")}private`],
  ["letters of any script", "größe_ß", "größe_ß"],
])("shows %s as it was typed", (_, text, escaped) => {
  expect(escapeMrkdwn(text)).toBe(escaped);
});

test.each([
  ["a mention of everybody", "<!channel>", "&lt;\\!channel&gt;"],
  ["a name", "@anna", "@\u200banna"],
  ["a link", "[docs](https://evil.example)", "\\[docs\\]\\(https://evil.example\\)"],
  ["a picture", "![x](y)", "\\!\\[x\\]\\(y\\)"],
  ["a heading", "# all is well", "\\# all is well"],
  ["bold and code", "**boom** `x`", "\\*\\*boom\\*\\* \\`x\\`"],
  ["what is escaped already", "\\[x] &lt;", "\\\\\\[x\\] &amp;lt;"],
])("shows %s as it was typed where all is CommonMark", (_, text, escaped) => {
  expect(escapeMarkdown(text)).toBe(escaped);
});

test("makes one line of many, without control characters", () => {
  expect(flatten(" fix\r\n\n*Result*: ok\u2028\u0000\u001b[31m\t! ")).toBe("fix *Result*: ok [31m !");
});

test.each([
  ["a text that fits", "abcde", 5, "abcde"],
  ["a longer one", "abcdef", 5, "abcd…"],
  ["half an emoji", "abc😀def", 5, "abc…"],
  ["half an escape", "ab&amp;cd", 6, "ab…"],
  ["an escape that is whole", "a&lt;bcdef", 7, "a&lt;b…"],
  ["half a link", "ab <https://x.example|y> z", 12, "ab …"],
])("cuts %s of mrkdwn so that Slack takes it", (_, text, most, expected) => {
  const short = cutMrkdwn(text, most);
  expect([short, short.length <= most]).toEqual([expected, true]);
});

test.each([
  ["a text that fits", "a<b", 3, "a<b"],
  ["what looks like half a link", "if a < b or c", 11, "if a < b o…"],
  ["what looks like half an escape", "ab&cdef", 5, "ab&c…"],
  ["half an emoji", "abc😀def", 5, "abc…"],
])("cuts %s of plain text no shorter than it must", (_, text, most, expected) => {
  expect(cut(text, most)).toBe(expected);
});
