import { expect, test } from "vitest";
import { type EventObject, findMatches, findTarget } from "../../../src/simulator/scenario/events.ts";
import { parseScenario } from "../../../src/simulator/scenario/parse-scenario.ts";
import type { ScenarioEvent } from "../../../src/simulator/scenario/scenario.ts";
import { type SamplePipeline, samplePipeline } from "../../support/sample-state.ts";

const app: SamplePipeline = {
  project: "gh/acme/app",
  state: "created",
  workflows: [
    { name: "setup", tag: "setup", status: "success", jobs: [{ name: "plan", status: "success" }] },
    {
      name: "release",
      status: "on_hold",
      jobs: [
        { name: "build", status: "success" },
        { name: "hold", type: "approval", status: "on_hold" },
      ],
    },
    {
      name: "nightly",
      status: "running",
      jobs: [
        { name: "build", status: "running" },
        { name: "sign", type: "approval", status: "on_hold" },
      ],
    },
  ],
};

const pipelines = [
  samplePipeline(app),
  samplePipeline({ project: "gh/acme/lib", state: "errored" }),
  samplePipeline({
    ...app,
    number: 2,
    workflows: [{ name: "release", status: "failed", jobs: [{ name: "build", status: "failed" }] }],
  }),
];

function eventOf(yaml: string): ScenarioEvent {
  const text = `projects: { gh/acme/app: { path: . }, gh/acme/lib: { path: . } }\nevents: [${yaml}]`;
  const [event] = parseScenario(text, { file: "a.yml" }).events;
  if (event === undefined) throw new Error("There is no event.");
  return event;
}

function nameOf({ pipeline, workflow, job }: EventObject): string {
  return [`${pipeline.project.slug.slice(8)}#${pipeline.number}`, workflow?.name, job?.name]
    .filter((name) => name !== undefined)
    .join(" ");
}

test.each([
  ["{ job: build }", "cancel-job", ["app#1 release build", "app#1 nightly build", "app#2 release build"]],
  ["{ job: build, status: running }", "cancel-job", ["app#1 nightly build"]],
  ["{ job: build, workflow: release }", "rerun", ["app#1 release build", "app#2 release build"]],
  ["{ job: build, workflow: release, pipeline: 2 }", "rerun", ["app#2 release build"]],
  ["{ job: build, project: gh/acme/lib }", "rerun", []],
  ["{ workflow: release }", "trigger", ["app#1 release", "app#2 release"]],
  ["{ workflow: release, status: failed }", "rerun", ["app#2 release"]],
  ["{ project: gh/acme/app, status: on_hold }", "trigger", ["app#1 release"]],
  ["{ status: errored }", "trigger", ["lib#1"]],
  ["{ project: gh/acme/app }", "trigger", ["app#1", "app#2"]],
  [
    "{ project: gh/acme/app, pipeline: 1 }",
    "cancel-workflow",
    ["app#1 setup", "app#1 release", "app#1 nightly"],
  ],
  ["{ pipeline: 2 }", "trigger", ["app#2"]],
])("finds what meets %s for %s", (on, action, matches) => {
  expect(findMatches(eventOf(`{ on: ${on}, do: ${action} }`), pipelines).map(nameOf)).toEqual(matches);
});

test.each([
  ["{ on: { job: build, status: running }, do: cancel-job }", "app#1 nightly build"],
  ["{ on: { job: build, status: running }, do: cancel-workflow }", "app#1 nightly"],
  ["{ on: { job: build, status: running }, do: approve, with: { job: sign } }", "app#1 nightly sign"],
  ["{ on: { job: build, status: running }, do: approve, with: { job: hold } }", "app#1 release hold"],
  [
    "{ on: { job: build, status: running }, do: cancel-workflow, with: { workflow: release } }",
    "app#1 release",
  ],
  ["{ on: { status: errored }, do: rerun, with: { project: gh/acme/app } }", "app#2 release"],
  ["{ on: { status: errored }, do: rerun, with: { project: gh/acme/app, workflow: nightly } }", null],
  ["{ on: { status: errored }, do: rerun }", null],
  ["{ on: { workflow: nightly }, do: trigger, project: gh/acme/lib }", "lib#1"],
])("aims %s at %s", (yaml, target) => {
  const event = eventOf(yaml);
  const [match] = findMatches(event, pipelines);
  if (match === undefined) throw new Error("Nothing meets the condition.");
  const found = findTarget(event, match, pipelines);
  expect(found === null ? null : nameOf(found)).toBe(target);
});
