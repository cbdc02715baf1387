import { expect, test } from "vitest";
import { extendChain } from "../../../src/protocol/chain.ts";
import type { Ticket } from "../../../src/protocol/ticket.ts";

function ticket(parentProject: string, ancestors: readonly string[]): Ticket {
  return {
    parentProject,
    pipelineId: "p",
    workflowId: "w",
    workspaceId: "w",
    hold: "hold",
    receipt: "child",
    childProject: "gh/acme/me",
    nonce: "n",
    expires: 0,
    ancestors,
  };
}

/** The tickets of a chain of projects, each of which triggers the next one. */
function walk(projects: readonly string[], maxDepth = 5): Ticket | null {
  let own: Ticket | null = null;
  for (const [index, project] of projects.slice(0, -1).entries()) {
    own = ticket(project, extendChain(own, project, projects[index + 1] ?? "", maxDepth));
  }
  return own;
}

test("grows by one project a trigger", () => {
  const first = walk(["gh/a/a", "gh/a/b"]);
  const second = walk(["gh/a/a", "gh/a/b", "gh/a/c"]);
  expect([
    first?.ancestors,
    second?.ancestors.length,
    walk(["gh/a/a", "gh/a/b", "gh/a/c", "gh/a/d"])?.ancestors.length,
  ]).toEqual([[], 1, 2]);
  expect(second?.ancestors[0]).toMatch(/^[0-9a-f]{8}$/);
});

test.each([
  [["gh/a/a", "gh/a/a"]],
  [["gh/a/a", "github/a/a"]],
  [["gh/a/a", "gh/a/b", "gh/a/a"]],
  [["gh/a/a", "gh/a/b", "gh/a/c", "github/a/a"]],
  [["gh/a/a", "gh/a/b", "gh/a/c", "gh/a/b"]],
])("is refused where it comes back: %j", (projects) => {
  expect(() => walk(projects)).toThrow(expect.objectContaining({ code: "chain.refused", exitCode: 2 }));
});

test("is refused where it would be longer than max-depth", () => {
  const projects = ["gh/a/a", "gh/a/b", "gh/a/c", "gh/a/d", "gh/a/e", "gh/a/f", "gh/a/g"];
  expect(() => walk(projects.slice(0, 6))).not.toThrow();
  expect(() => walk(projects)).toThrow(
    "gh/a/g would be 6 triggers away from the first pipeline; `max-depth` is 5.",
  );
  expect(() => walk(["gh/a/a", "gh/a/b"], 1)).not.toThrow();
  expect(() => walk(["gh/a/a", "gh/a/b", "gh/a/c"], 1)).toThrow("`max-depth` is 1");
});
