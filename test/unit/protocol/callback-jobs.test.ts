import { expect, test } from "vitest";
import { listCallbackJobs } from "../../../src/protocol/callback-jobs.ts";

const callback = `    - run:
        name: Note that this job calls back
        when: always
        command: "mkdir -p .circleback/marks && : > .circleback/marks/calls-back"
    - store_artifacts:
        path: .circleback/marks
        destination: circleback/marks
    - run:
        name: Wake the parent pipeline
        environment:
          CIRCLEBACK_PARAM_ON_FAILURE: approve
          CIRCLEBACK_PROGRAM: |
            - not a step

            steps:
        command: |
          set -eu
    - store_artifacts:
        path: .circleback/callback.json
        destination: circleback/callback/note.json
`;

const config = (jobs: string) => `version: 2
jobs:
${jobs}workflows:
  integration:
    jobs:
    - circle-back
`;

const job = (name: string, steps: string) => `  ${name}:
    docker:
    - image: cimg/node:24.18.0
    steps:
${steps}`;

test.each([
  ["a job of its own", job("circle-back", callback), ["circle-back"]],
  ["a job with a quoted name", job('"circle back"', callback), ["circle back"]],
  ["a job that does something else before", job("test", `    - checkout\n${callback}`), []],
  ["a job that does something else after", job("test", `${callback}    - run: echo\n`), []],
  ["a job that does not call back", job("test", "    - checkout\n"), []],
  [
    "several jobs",
    `${job("test", "    - checkout\n")}${job("one", callback)}${job("two", callback)}`,
    ["one", "two"],
  ],
  ["a job with a key after its steps", `${job("one", callback)}    resource_class: small\n`, ["one"]],
])("finds the callbacks of %s", (_, jobs, names) => {
  expect(listCallbackJobs(config(jobs))).toEqual(names);
});

test.each(["", "jobs:", "jobs: {}\n", '{"jobs": {}}', "version: 2.1\njobs:\n  a: b\n"])(
  "finds none in %j",
  (text) => {
    expect(listCallbackJobs(text)).toEqual([]);
  },
);
