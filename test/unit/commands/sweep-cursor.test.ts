import { expect, test } from "vitest";
import { checkCursor, goOn, parseCursor, showCursor } from "../../../src/commands/sweep/cursor.ts";
import { Unfit } from "../../../src/orb/parameter.ts";

const projects = ["gh/acme/app", "gh/acme/web", "circleci/0a/1b"];

test("a cursor is read as it is shown", () => {
  const cursor = { project: "circleci/0a/1b", number: 12 };
  expect([parseCursor(showCursor(cursor)), parseCursor("")]).toEqual([cursor, null]);
});

test.each(["gh/acme/app", "gh/acme/app#", "gh/acme/app#x", "#12", "app#12", "gh/acme/app#1#2"])(
  "refuses the cursor %s",
  (text) => {
    expect(() => parseCursor(text)).toThrow(Unfit);
  },
);

test("without a cursor all projects are swept from their newest pipeline on", () => {
  expect(goOn({ projects, cursor: null })).toEqual(projects.map((project) => ({ project, from: null })));
});

test("a cursor leaves out the projects before its own, however its slug is written", () => {
  const cursor = { project: "github/acme/web", number: 7 };
  expect([goOn({ projects, cursor }), checkCursor({ projects, cursor })]).toEqual([
    [
      { project: "gh/acme/web", from: 7 },
      { project: "circleci/0a/1b", from: null },
    ],
    [],
  ]);
});

test("a cursor must be at one of the projects", () => {
  expect(checkCursor({ projects, cursor: { project: "gh/acme/other", number: 7 } })).toEqual([
    {
      sentence: "`cursor` is at a pipeline of gh/acme/other, which is not among `projects`.",
      hints: ["Give the same `projects`, in the same order, as to the sweep that has stopped."],
    },
  ]);
});
