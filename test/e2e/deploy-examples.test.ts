import { describe, expect, test } from "vitest";
import { openEcsExample } from "../support/ecs-example.ts";
import { useFreshOrb } from "../support/fresh-orb.ts";
import { openK8sExample } from "../support/k8s-example.ts";
import { imageAt } from "../support/kubernetes.ts";
import { token } from "../support/kubernetes-model/kubernetes-server.ts";
import { listJobs } from "../support/loop.ts";
import type { FilledScenario, SlackExample } from "../support/run-example.ts";
import { runScenario, statuses } from "../support/simulator.ts";
import { outline } from "../support/slack-model/outline.ts";
import { botToken } from "../support/slack-model/slack-model.ts";
import type { SlackServer } from "../support/slack-model/slack-server.ts";

/** examples/ecs and examples/k8s, from the packed orb, in the simulator, against the models of their services. */

/** Runs an opened example to its end, and stops its parts. */
async function run({ scenario, stop }: FilledScenario) {
  try {
    await useFreshOrb(scenario);
    const report = await runScenario(scenario, { timeout: 150_000 });
    const output = JSON.stringify(report);
    const secrets = ["hunter2", token, botToken, "wJalrXUtnFEMI/K7MDENG"];
    return { report, leaks: secrets.filter((secret) => output.includes(secret)) };
  } finally {
    await stop();
  }
}

/** The same; the change goes through to the end, and Slack hears of it. */
async function deliver(example: SlackExample) {
  const { report, leaks } = await run(example);
  expect([report.outcome, report.unused, statuses(report), leaks, listMessages(example.slack)]).toEqual([
    "success",
    { faults: [], events: [] },
    delivered,
    [],
    told,
  ]);
  return report;
}

const deployed = { "tell-start": "success", deploy: "success", "tell-deployed": "success" };
const delivered = {
  "gh/acme/shop#1": { gitflow: { status: "success", jobs: deployed } },
  "gh/acme/shop#2": { gitflow: { status: "success", jobs: deployed } },
  "gh/acme/shop#3": {
    gitflow: {
      status: "success",
      jobs: {
        "tell-start": "success",
        "tell-hold": "success",
        "approve-release": "success",
        release: "success",
        "tell-released": "success",
      },
    },
  },
};

/** The channel's messages, of which each stands for its workflow, with how often they were changed. */
function listMessages({ messages }: SlackServer): readonly (readonly [string, number])[] {
  return messages
    .filter(({ thread }) => thread === null)
    .map((message) => [outline(message)[0] ?? "", message.edits] as const);
}

const told = [
  [":rocket: *Deployed 0.1.1 to develop*", 1],
  [":rocket: *Deployed 0.1.2 to preprod*", 1],
  [":rocket: *Deployed 0.1.3 to master*", 1],
  [":raised_hand: *Waiting for approval*", 0],
];

describe.concurrent("the example", { timeout: 240_000 }, () => {
  test("ecs brings a change to three services, and tells Slack of each", async () => {
    const example = await openEcsExample();
    await deliver(example);
    const once = ["RegisterTaskDefinition", "RunTask", "UpdateService"];
    expect(example.server.model.bodies.map(([operation]) => operation)).toEqual([...once, ...once, ...once]);
  });

  test("ecs stops, and names the job, where ECS rolls a service back", async () => {
    const example = await openEcsExample((image) => (image.endsWith("0.1.2") ? "crashes" : "well"));
    const { report, leaks } = await run(example);
    expect([report.outcome, statuses(report)["gh/acme/shop#2"], report.pipelines.length, leaks]).toEqual([
      "success",
      {
        gitflow: {
          status: "failed",
          jobs: { "tell-start": "success", deploy: "failed", "tell-deployed": "success" },
        },
      },
      2,
      [],
    ]);
    const answers = example.slack.messages.filter(({ thread }) => thread !== null).map(outline);
    expect(listMessages(example.slack).at(-1)).toEqual([":x: *Workflow gitflow has failed*", 1]);
    expect(answers.at(-1)?.[1]).toMatch(/^\*Failed jobs\*\n• <http\S+\|deploy> failed$/);
  });

  test("k8s brings a change to three namespaces, and tells Slack of each", async () => {
    const example = await openK8sExample();
    const report = await deliver(example);
    const images = ["develop", "preprod", "master"].map((branch) =>
      imageAt(example.server, `/apis/apps/v1/namespaces/shop-${branch}/deployments/api`),
    );
    expect(images).toEqual([1, 2, 3].map((number) => `registry.example.com/team/api:0.1.${number}`));
    expect(
      listJobs(report)
        .find(({ name }) => name === "deploy")
        ?.artifacts.map(({ path }) => path),
    ).toEqual(["circleback/releases/deploy.json"]);
  });
});
