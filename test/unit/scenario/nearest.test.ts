import { expect, test } from "vitest";
import { nearest } from "../../../src/simulator/scenario/nearest.ts";

const commands = ["run", "serve", "compile"];

test.each([
  ["rnu", "run"],
  ["runn", "run"],
  ["sevre", "serve"],
  ["serv", "serve"],
  ["Compile", "compile"],
  ["compiel", "compile"],
  ["deploy", null],
])("takes %s for %s", (word, meant) => {
  expect(nearest(word, commands)).toBe(meant);
});
