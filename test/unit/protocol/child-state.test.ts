import { expect, test } from "vitest";
import type { Workflow } from "../../../src/circleci/schemas.ts";
import { judgeStart } from "../../../src/protocol/child-state.ts";

const created = Date.parse("2026-01-01T00:00:00Z");

function setup(status: string, stopped: string | null): Workflow {
  return {
    id: "w",
    name: "setup",
    project_slug: "gh/acme/lib",
    pipeline_id: "p",
    pipeline_number: 1,
    status,
    tag: "setup",
    created_at: "2026-01-01T00:00:00Z",
    stopped_at: stopped,
    canceled_by: null,
    auto_rerun_number: 0,
    max_auto_reruns: 0,
  };
}

const config = [{ type: "config", message: "Unexpected argument(s): circleback" }];
const atFive = "2026-01-01T00:05:00Z";

test.each([
  ["errored", config, [], 0, "error", "could not start: Unexpected argument(s): circleback"],
  ["errored", [], [setup("success", atFive)], 6, "error", "could not start: no reason given"],
  ["pending", [], [], 9, null, "is only just beginning"],
  ["created", [], [], 9, null, "is only just beginning"],
  ["created", [], [], 10, "not_run", "never got a workflow"],
  ["pending", [], [], 10, "not_run", "never got a workflow"],
  ["setup", [], [setup("running", null)], 300, null, "is still under way (its setup workflow)"],
  ["setup", [], [setup("on_hold", null)], 300, null, "is still under way (its setup workflow)"],
  ["setup", [], [setup("failed", atFive)], 6, "failed", "never started: its setup workflow ended failed"],
  [
    "setup",
    [],
    [setup("canceled", atFive)],
    6,
    "canceled",
    "never started: its setup workflow ended canceled",
  ],
  // It may fail after it has continued the pipeline.
  ["created", [], [setup("failed", atFive)], 6, null, "is only just beginning"],
  ["setup", [], [setup("success", atFive)], 14, null, "is only just beginning"],
  ["setup", [], [setup("success", atFive)], 15, "not_run", "never got a workflow"],
] as const)(
  "a pipeline in state %s with errors %j and setup %j stands after %i minutes at %s",
  (state, errors, setups, minutes, ending, words) => {
    const pipeline = { state, errors: [...errors], created_at: "2026-01-01T00:00:00Z" };
    expect(judgeStart(pipeline, setups, created + minutes * 60_000)).toEqual({
      ending,
      words,
      workflows: [],
      over: [],
    });
  },
);
