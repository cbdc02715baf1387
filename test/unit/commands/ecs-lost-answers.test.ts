import { describe, expect, test } from "vitest";
import { deploy, newImage, oldImage, type Run, type WorldOptions } from "./ecs-world.ts";

/** What may have been done is told apart from what was plainly refused. */

const withTask = { "run-task": "./migrate" };

/** Each of the answers to one operation in turn; null: the one of ECS. */
function plan(operation: string, faults: readonly ("lost" | "unknown" | string | null)[]): WorldOptions {
  let count = 0;
  let isUnknown = false;
  return {
    onCall(action, model) {
      if (action !== operation) return;
      const fault = faults[count++] ?? null;
      isUnknown = fault === "unknown";
      if (fault === "lost") model.fail({ action, after: "accepted" });
      else if (fault !== null && !isUnknown) model.fail({ action, code: fault, status: 400 });
    },
    answer: (action) => (action === operation && isUnknown ? "<html>hello</html>" : null),
  };
}

const left = ({ output }: Run) =>
  /^(Nothing was|The service was|Whether the service).*(?= \(\w+\.)/m.exec(output)?.[0];

const untouched = "The service was not touched, and stays with shop:1.";
const unused = `${untouched} shop:2 is registered, and nothing uses it.`;
const maybeTask = `${untouched} Whether the task of run-task was started is not known.`;
const maybeRegistered =
  "The service was not touched, and stays with shop:1; a new revision may have been registered, which nothing uses.";
const maybeUpdated =
  "Whether the service was updated from shop:1 to shop:2 is not known: its deployments in ECS tell.";

test.each([
  ["RegisterTaskDefinition", "ClientException", "aws.failed", "Nothing was changed."],
  ["RunTask", "InvalidParameterException", "aws.failed", unused],
  ["UpdateService", "ServiceNotActiveException", "aws.failed", unused],
  ["RegisterTaskDefinition", "lost ClientException", "aws.failed", maybeRegistered],
  ["RunTask", "lost InvalidParameterException", "aws.failed", maybeTask],
  ["UpdateService", "lost AccessDeniedException", "aws.unauthorized", maybeUpdated],
  ["RegisterTaskDefinition", "unknown", "aws.failed", maybeRegistered],
  ["RunTask", "unknown", "aws.failed", maybeTask],
  ["UpdateService", "unknown", "deploy.unknown", maybeUpdated],
])("says what is left where %s is answered %s", async (operation, faults, code, words) => {
  const run = await deploy({ parameters: withTask, ...plan(operation, faults.split(" ")) });
  expect([run.code, left(run)]).toEqual([code, words]);
  expect(run.output.includes("Rerun this job")).toBe(words === maybeUpdated);
});

test("knows that no task was started where the cluster has no room for it", async () => {
  const run = await deploy({
    parameters: withTask,
    answer: (operation) =>
      operation === "RunTask"
        ? JSON.stringify({ tasks: [], failures: [{ reason: "RESOURCE:MEMORY" }] })
        : null,
  });
  expect([run.code, run.output.includes("ECS cannot start a task: RESOURCE:MEMORY.")]).toEqual([
    "deploy.failed",
    true,
  ]);
  expect(left(run)).toBe(unused);
});

test("says that tries without an answer may have registered revisions", async () => {
  const run = await deploy(plan("RegisterTaskDefinition", ["lost", "lost"]));
  expect([run.exit, run.model.revisions.length]).toEqual([0, 4]);
  expect(run.output).toContain(
    "Registered shop:4.\nWarning: Tries without an answer may have registered others, which nothing uses.",
  );
  expect((await deploy()).output).not.toContain("may have registered");
});

describe("a forced update", () => {
  const force = { image: oldImage, force: "true" };
  const rollouts = (run: Run) => run.model.world.services.get("shop")?.rollouts.length;
  const updates = ({ calls }: Run) => calls.filter((call) => call.startsWith("UpdateService")).length;

  test.each(["lost", "unknown"])("is not repeated where it has begun a deployment (%s)", async (fault) => {
    const run = await deploy({ parameters: { ...force, wait: "none" }, ...plan("UpdateService", [fault]) });
    expect([run.exit, updates(run), rollouts(run)]).toEqual([0, 1, 2]);
    expect(run.output).toContain(
      "Looking whether the service was updated.\nDeployment ecs-svc/000003 of shop:1.",
    );
  });

  test("is repeated where the service shows no new deployment, and where AWS was only busy", async () => {
    let count = 0;
    const run = await deploy({
      parameters: force,
      onCall(action, model) {
        if (action !== "UpdateService" || ++count > 2) return;
        model.fail(count === 1 ? { action } : { action, code: "ThrottlingException", status: 400 });
      },
    });
    expect([run.exit, updates(run), run.model.bodies.length]).toEqual([0, 3, 1]);
  });

  test.each([oldImage, newImage])(
    "of which nothing is known is left alone, and a rerun too",
    async (image) => {
      let isGone = false;
      const run = await deploy({
        parameters: { ...force, image },
        onCall(action, model) {
          if (action === "UpdateService") model.fail({ action, after: "accepted" });
          else if (isGone) model.fail({ action });
          isGone ||= action === "UpdateService";
        },
      });
      expect([run.code, updates(run), run.model.world.services.get("shop")?.rollouts.length]).toEqual([
        "deploy.unknown",
        1,
        2,
      ]);
      expect(run.output).toContain("with `force`, a rerun of this job begins another one.");
    },
  );
});
