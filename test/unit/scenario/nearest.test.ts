import { expect, test } from "vitest";
import { nearest } from "../../../src/simulator/scenario/nearest.ts";

const commands = ["run", "serve", "compile"];

test.each([
  ["rnu", null],
  ["runn", "run"],
  ["sevre", null],
  ["serv", "serve"],
  ["Compile", "compile"],
  ["compiel", "compile"],
  ["deploy", null],
])("takes %s for %s", (word, meant) => {
  expect(nearest(word, commands)).toBe(meant);
});
