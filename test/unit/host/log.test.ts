import { expect, test } from "vitest";
import { createLog } from "../../../src/host/log.ts";
import { Secret } from "../../../src/secret.ts";

/** What is seen of the texts by somebody who must not see the values. */
function seen(values: readonly string[], ...texts: readonly string[]): readonly string[] {
  const lines: string[] = [];
  const log = createLog({ out: (text) => lines.push(text), err: (text) => lines.push(text) });
  for (const value of values) log.hide(new Secret(value));
  for (const text of texts) log.info(text);
  return lines;
}

test("hides a value as it stands between the quotes of a command", () => {
  expect(seen(["s3cr'et-word"], "$ docker 'PASSWORD=s3cr'\\''et-word'", "s3cr'et-word")).toEqual([
    "$ docker 'PASSWORD=[secret]'\n",
    "[secret]\n",
  ]);
});

test("hides each line of a value that has several, as programs print them", () => {
  const key = "-----BEGIN KEY-----\r\nabcdefgh\n  it's-long\nxy\n-----END KEY-----\n";
  const lines = ["#5 -----BEGIN KEY-----", "#5 abcdefgh", "it's-long", "it'\\''s-long", "xy", key.trim()];
  expect(seen([key], ...lines)).toEqual([
    "#5 [secret]\n",
    "#5 [secret]\n",
    "[secret]\n",
    "[secret]\n",
    "xy\n",
    "[secret]\r\n[secret]\n  [secret]\nxy\n[secret]\n",
  ]);
});

test("hides all of a value that another one is a part of", () => {
  expect(seen(["word", "password-word"], "password-word", "word")).toEqual(["[secret]\n", "[secret]\n"]);
});

test.each(["", "1", "abc", "true", "False"])(
  "hides no %j, which would leave a log full of holes",
  (value) => {
    expect(seen([value], "1 abc true False")).toEqual(["1 abc true False\n"]);
  },
);
