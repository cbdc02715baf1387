import { expect, it } from "vitest";
import type { Report } from "../../../src/simulator/report/report.ts";
import { listHolds, measureSleep, sumCompute } from "../../../src/simulator/report/sleep.ts";
import { sampleReport } from "../../support/sample-report.ts";
import type { SampleJob } from "../../support/sample-state.ts";

function measure(jobs: readonly SampleJob[]) {
  const report: Report = sampleReport({
    until: 10_000,
    pipelines: [{ project: "gh/acme/app", workflows: [{ name: "main", status: "running", jobs }] }],
  });
  return report.pipelines.map((pipeline) => ({
    holds: listHolds(pipeline, report).map(({ job, ...times }) => ({ name: job.name, ...times })),
    slept: measureSleep(pipeline, report),
    paid: sumCompute(pipeline),
  }))[0];
}

const hold = { name: "wait", type: "approval", status: "success" } as const;
const build = { name: "build", status: "success" } as const;

it("counts a hold as sleep that costs nothing", () => {
  expect(
    measure([
      { ...build, from: 0, to: 1500 },
      { ...hold, from: 1500, to: 5700 },
    ]),
  ).toEqual({
    holds: [{ name: "wait", waited: 4200, paidMeanwhile: 0 }],
    slept: 4200,
    paid: 1.5,
  });
});

it("does not call it sleep while another job runs", () => {
  expect(
    measure([
      { ...build, from: 2000, to: 3000 },
      { ...hold, from: 1000, to: 5000 },
    ]),
  ).toEqual({
    holds: [{ name: "wait", waited: 4000, paidMeanwhile: 1000 }],
    slept: 3000,
    paid: 1,
  });
});

it("counts parallel holds once as sleep, and jobs that overlap once as waking", () => {
  const jobs = [
    { ...hold, from: 1000, to: 4000 },
    { ...hold, name: "second", from: 2000, to: 6000 },
    { ...build, from: 2500, to: 3500 },
    { ...build, name: "other", from: 3000, to: 3600 },
  ];
  expect(measure(jobs)).toEqual({
    holds: [
      { name: "wait", waited: 3000, paidMeanwhile: 1600 },
      { name: "second", waited: 4000, paidMeanwhile: 1600 },
    ],
    slept: 3900,
    paid: 1.6,
  });
});

it("lets a hold that nobody decided sleep until the run ends", () => {
  expect(measure([{ ...hold, status: "on_hold", from: 4000 }])).toEqual({
    holds: [{ name: "wait", waited: 6000, paidMeanwhile: 0 }],
    slept: 6000,
    paid: 0,
  });
});

it("leaves out a hold that never came up", () => {
  expect(measure([{ ...hold, status: "not_run" }])).toEqual({ holds: [], slept: 0, paid: 0 });
});

it("adds seconds up without the errors of binary fractions", () => {
  expect(
    measure([
      { ...build, from: 0, to: 100 },
      { ...build, name: "b", from: 0, to: 200 },
    ])?.paid,
  ).toBe(0.3);
});
