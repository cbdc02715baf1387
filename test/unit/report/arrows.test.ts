import { describe, expect, it } from "vitest";
import { findArrows } from "../../../src/simulator/report/arrows.ts";
import type { RequestReport } from "../../../src/simulator/report/report.ts";
import { call, parentAndChild, sampleReport } from "../../support/sample-report.ts";
import type { SamplePipeline } from "../../support/sample-state.ts";

function arrowsOf(pipelines: readonly SamplePipeline[], requests: readonly RequestReport[]) {
  return findArrows(sampleReport({ pipelines, requests, until: 60_000 }));
}

it("finds both arrows of a parent and its child", () => {
  expect(findArrows(parentAndChild())).toEqual([
    {
      kind: "trigger",
      job: "gh/acme/app#41/trigger-integration",
      calledAt: 2898,
      pipeline: "gh/acme/integration#7",
      at: 2900,
    },
    {
      kind: "circle-back",
      job: "gh/acme/integration#7/approve-in-parent",
      calledAt: 8898,
      hold: "gh/acme/app#41/wait-for-integration",
      at: 8900,
    },
  ]);
});

describe("a trigger", () => {
  const child = { project: "gh/acme/child" };
  const post = "POST /project/gh/acme/child/pipeline";

  function pairs(pipelines: readonly SamplePipeline[], requests: readonly RequestReport[]) {
    return arrowsOf(pipelines, requests).map((arrow) => [
      arrow.job,
      arrow.kind === "trigger" ? arrow.pipeline : arrow.hold,
    ]);
  }

  it("matches both forms of the call, escaped or not, with a query or not", () => {
    const forms = [
      post,
      `${post}?x=1`,
      "POST /project/gh%2Facme%2Fchild/pipeline",
      "POST /project/gh/acme/child/pipeline/run",
    ];
    const found = forms.map((form) => pairs([{ ...child, at: 1000 }], [call(999, "caller", form, 201)]));
    expect(found).toEqual(forms.map(() => [["caller", "gh/acme/child#1"]]));
  });

  it("gives each of several pipelines of a project its own call, in order", () => {
    const pipelines = [
      { ...child, number: 2, at: 1002 },
      { ...child, number: 1, at: 1001 },
    ];
    const requests = [call(1000, "first", post, 201), call(1001, "second", post, 201)];
    expect(pairs(pipelines, requests)).toEqual([
      ["first", "gh/acme/child#1"],
      ["second", "gh/acme/child#2"],
    ]);
  });

  it("tells projects apart", () => {
    const requests = [call(999, "caller", "POST /project/gh/acme/other/pipeline", 201)];
    expect(pairs([{ ...child, at: 1000 }], requests)).toEqual([]);
  });

  it("accepts a call whose answer a fault replaced or lost", () => {
    const requests = [call(999, "one", post, 502, 0), call(1999, "two", post, null, 1)];
    expect(
      pairs(
        [
          { ...child, at: 1000 },
          { ...child, number: 2, at: 2000 },
        ],
        requests,
      ),
    ).toEqual([
      ["one", "gh/acme/child#1"],
      ["two", "gh/acme/child#2"],
    ]);
  });

  it("believes an accepted call before one that a fault met", () => {
    const requests = [call(800, "refused", post, 502, 0), call(999, "accepted", post, 201)];
    expect(pairs([{ ...child, at: 1000 }], requests)).toEqual([["accepted", "gh/acme/child#1"]]);
  });

  it("does not come from a refused call, a later call, or one long before", () => {
    const requests = [
      call(999, "refused", post, 400),
      call(999, "skipped", post, 200),
      call(999, "reader", "GET /project/gh/acme/child/pipeline", 201),
      call(1100, "later", post, 201),
      call(2000, "too early", post, 201),
    ];
    expect(
      pairs(
        [
          { ...child, at: 1000 },
          { ...child, number: 2, at: 50_000 },
        ],
        requests,
      ),
    ).toEqual([]);
  });

  it("has no arrow when the caller is no job, and leaves that call to its pipeline", () => {
    const requests = [call(999, null, post, 201), call(1499, "caller", post, 201)];
    expect(
      pairs(
        [
          { ...child, at: 1000 },
          { ...child, number: 2, at: 1500 },
        ],
        requests,
      ),
    ).toEqual([["caller", "gh/acme/child#2"]]);
  });

  it("survives a path that is no valid escape", () => {
    expect(pairs([child], [call(0, "caller", "POST /project/%E0%A4%A/pipeline", 201)])).toEqual([]);
  });
});

describe("a circle-back", () => {
  function parent(hold: { readonly approvedBy?: string; readonly to?: number }): SamplePipeline {
    const job = { name: "wait", type: "approval", status: "success", from: 0, ...hold } as const;
    return { project: "gh/acme/app", workflows: [{ name: "main", status: "success", jobs: [job] }] };
  }
  const approve = `POST /workflow/w/approve/${encodeURIComponent("gh/acme/app#1/wait")}`;

  it("comes from the first call that was accepted", () => {
    const requests = [
      call(4900, "refused", approve, 400),
      call(4990, "winner", approve, 202),
      call(4995, "second", approve, 202),
    ];
    expect(arrowsOf([parent({ approvedBy: "bot", to: 5000 })], requests)).toEqual([
      { kind: "circle-back", job: "winner", calledAt: 4990, hold: "gh/acme/app#1/wait", at: 5000 },
    ]);
  });

  it("has no arrow for a hold that was canceled, or that a person approved", () => {
    expect(arrowsOf([parent({ to: 5000 })], [call(4990, "caller", approve, 202)])).toEqual([]);
    expect(arrowsOf([parent({ approvedBy: "human", to: 5000 })], [])).toEqual([]);
  });
});
