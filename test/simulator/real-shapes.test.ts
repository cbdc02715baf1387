import { expect, test } from "vitest";
import type { PipelineReport } from "../../src/simulator/report/report.ts";
import { runProjects } from "../support/simulator.ts";

/** What public orbs and configurations are made of, in the way in which they put it together. */

const shell = `version: 2.1
commands:
  say:
    parameters: { text: { type: string }, when: { type: enum, enum: [on_success, on_fail, always], default: on_success } }
    steps: [{ run: { name: Say, command: 'echo "$SAY_TEXT"', environment: { SAY_TEXT: << parameters.text >> }, when: << parameters.when >> } }]
`;

const packages = `version: 2.1
orbs: { shell: acme/shell@2.0 }
executors:
  default:
    parameters: { tag: { type: string, default: lts } }
    docker: [{ image: "cimg/node:<<parameters.tag>>" }]
    environment: { TAG: << parameters.tag >> }
commands:
  install:
    parameters:
      manager: { type: enum, enum: [npm, yarn], default: npm }
      with-cache: { type: boolean, default: true }
      cache-version: { type: string, default: v1 }
      by-branch: { type: boolean, default: false }
      only-lockfile: { type: boolean, default: true }
      cache-path: { type: string, default: "" }
      app-dir: { type: string, default: . }
    steps:
      - when:
          condition: { and: [<< parameters.with-cache >>, { not: { equal: [yarn, << parameters.manager >>] } }] }
          steps:
            - restore_cache:
                keys:
                  - deps-{{ arch }}-<<parameters.cache-version>>-<<#parameters.by-branch>>{{ .Branch }}-<</parameters.by-branch>><<^parameters.only-lockfile>>{{ checksum "<<parameters.app-dir>>/package.json" }}-<</parameters.only-lockfile>>{{ checksum "<<parameters.app-dir>>/package-lock.json" }}
                  - deps-{{ arch }}-<<parameters.cache-version>>-<<#parameters.by-branch>>{{ .Branch }}-<</parameters.by-branch>>
      - run:
          name: Install << parameters.manager >> packages
          working_directory: << parameters.app-dir >>
          command: |
            [ -e node_modules/installed ] && echo "from the cache: $(cat node_modules/installed)"
            mkdir -p node_modules && cp package-lock.json node_modules/installed
      - when:
          condition: << parameters.with-cache >>
          steps:
            - when:
                condition: << parameters.cache-path >>
                steps: [save_cache: { key: never, paths: [<< parameters.cache-path >>] }]
            - unless:
                condition: << parameters.cache-path >>
                steps:
                  - save_cache:
                      key: deps-{{ arch }}-<<parameters.cache-version>>-<<#parameters.by-branch>>{{ .Branch }}-<</parameters.by-branch>><<^parameters.only-lockfile>>{{ checksum "<<parameters.app-dir>>/package.json" }}-<</parameters.only-lockfile>>{{ checksum "<<parameters.app-dir>>/package-lock.json" }}
                      paths: [<< parameters.app-dir >>/node_modules]
jobs:
  test:
    parameters:
      executor: { type: executor, default: default }
      setup: { type: steps, default: [] }
      after-install: { type: steps, default: [] }
      parallelism: { type: integer, default: 1 }
      test-results-for: { type: enum, enum: ["", jest], default: "" }
      docker: { type: boolean, default: false }
      install: { type: boolean, default: true }
      cache-version: { type: string, default: v1 }
      by-branch: { type: boolean, default: false }
    executor: << parameters.executor >>
    parallelism: << parameters.parallelism >>
    steps:
      - checkout
      - steps: << parameters.setup >>
      - when:
          condition: << parameters.install >>
          steps: [install: { cache-version: << parameters.cache-version >>, by-branch: << parameters.by-branch >> }]
      - steps: << parameters.after-install >>
      - when: { condition: << parameters.docker >>, steps: [setup_remote_docker: { version: default, docker_layer_caching: true }] }
      - run: |
          mkdir -p results && echo "<testsuites/>" > results/jest.xml
          echo "node $CIRCLE_NODE_INDEX of $CIRCLE_NODE_TOTAL on \${TAG:-none}"
      - when:
          condition: { equal: [jest, << parameters.test-results-for >>] }
          steps: [store_test_results: { path: results }]
      - shell/say: { text: "ended", when: always }
`;

const config = `version: 2.1
orbs:
  packages: acme/packages@1
  shell: acme/shell@2.0
parameters:
  cache-version: { type: string, default: v1 }
  run-extra: { type: boolean, default: false }
executors:
  old: { docker: [&image { image: "cimg/node:18" }], environment: { TAG: own } }
defaults: &defaults
  docker: [*image]
  environment: &variables { REGION: eu }
jobs:
  report:
    <<: *defaults
    environment: { <<: *variables, STAGE: test }
    steps: [run: 'echo "$REGION $STAGE"']
workflows:
  main:
    jobs:
      - packages/test:
          name: test-default
          by-branch: true
          cache-version: << pipeline.parameters.cache-version >>
          docker: true
          test-results-for: jest
          setup: [shell/say: { text: first }]
          after-install:
            - run: echo "after install"
            - when: { condition: << pipeline.parameters.run-extra >>, steps: [run: echo extra] }
      - packages/test:
          name: test-<< matrix.executor >>
          matrix: { parameters: { executor: [old] } }
          cache-version: other
          pre-steps: [run: echo before]
          post-steps: [run: echo behind]
          requires: [test-default]
      - packages/test: { name: nodes, parallelism: 2, install: false, executor: { name: packages/default, tag: current } }
      - report: { requires: [test-old, nodes] }
`;

test("caches, parallel nodes, parameters of every type, conditions, anchors and orbs within orbs work together", async () => {
  const report = await runProjects(
    {
      "gh/acme/app": {
        ".circleci/config.yml": config,
        "package.json": "{}",
        "package-lock.json": "lock",
        "orbs/packages.yml": packages,
        "orbs/shell.yml": shell,
      },
    },
    `
orbs: { acme/packages@1: gh/acme/app/orbs/packages.yml, acme/shell@2.0: gh/acme/app/orbs/shell.yml }
trigger: [{ project: gh/acme/app }]
events:
  - { on: { project: gh/acme/app, job: report, status: success }, do: trigger, with: { parameters: { run-extra: true } } }
`,
    {},
  );
  const nodes = ["ended", "node 0 of 2 on current", "node 1 of 2 on current"];
  const common = { nodes, report: ["eu test"] };
  expect(report.pipelines.map(linesByJob)).toEqual([
    {
      ...common,
      "test-default": [
        "No cache is found for key: deps-v1-main-",
        "No cache is found for key: deps-v1-main-SUM",
        "Stored cache to key: deps-v1-main-SUM",
        "after install",
        "ended",
        "first",
        "node 0 of 1 on lts",
        "results: Found 1 test result file(s)",
      ],
      "test-old": [
        "No cache is found for key: deps-other-",
        "No cache is found for key: deps-other-SUM",
        "Stored cache to key: deps-other-SUM",
        "before",
        "behind",
        "ended",
        "node 0 of 1 on own",
      ],
    },
    {
      ...common,
      "test-default": [
        "Found a cache: deps-v1-main-SUM",
        "Skipping cache generation, cache already exists for key: deps-v1-main-SUM",
        "after install",
        "ended",
        "extra",
        "first",
        "from the cache: lock",
        "node 0 of 1 on lts",
        "results: Found 1 test result file(s)",
      ],
      "test-old": [
        "Found a cache: deps-other-SUM",
        "Skipping cache generation, cache already exists for key: deps-other-SUM",
        "before",
        "behind",
        "ended",
        "from the cache: lock",
        "node 0 of 1 on own",
      ],
    },
  ]);
});

/** What the steps of each job print, without what is new in every run. Nodes of one job count as one. */
function linesByJob({ workflows }: PipelineReport): Readonly<Record<string, readonly string[]>> {
  const jobs = workflows.flatMap((workflow) => workflow.jobs);
  return Object.fromEntries(
    jobs.map(({ name, steps }) => {
      const lines = steps.flatMap(({ output }) => output.trimEnd().split("\n"));
      const plain = lines
        .filter((line) => !/^$|^Checked out|^Nothing to set up/.test(line))
        .map((line) => line.replace(/deps-\w+-\w+-/, "deps-").replace(/-[\w+/]+=$/, "-SUM"))
        .map((line) =>
          line.replace(/ from build \d+ at /, ": ").replace(/^(Found .*) at .*\/(\w+)$/, "$2: $1"),
        );
      return [name, [...new Set(plain)].sort()];
    }),
  );
}
