import type { Ecs } from "../../aws/ecs.ts";
import type { Definition, Service } from "../../aws/ecs-shapes.ts";
import { chooseRelease } from "../../delivery/find-release.ts";
import { UserError } from "../../errors.ts";
import type { Files, Host } from "../../host/host.ts";
import type { EcsInput } from "./definition.ts";
import { type Draft, draftDefinition, readDefinitionFile } from "./draft.ts";
import { findEarlier, findPrimary } from "./judge.ts";
import type { Command } from "./parse.ts";
import { shortRevision } from "./progress.ts";

export interface Plan {
  /** `cluster/service`, by their names alone. */
  readonly name: string;
  readonly service: Service;
  readonly current: Definition;
  /** Family and revision that the service has now, and that it had before this deployment: empty where nobody knows. */
  readonly now: string;
  readonly before: string;
  readonly draft: Draft;
  readonly version: string;
  /** `join`: a deployment of the same is under way; `restart`: the last one of the same has failed. */
  readonly action: "deploy" | "restart" | "join" | "nothing";
}

/** Looks at all there is, and decides. Nothing is changed yet. */
export async function planDeploy(input: EcsInput, host: Host, ecs: Ecs): Promise<Plan> {
  const given = input.taskDefinition === "" ? null : await readGiven(host.files, input.taskDefinition);
  const { image, version } = await chooseRelease(host, input);
  if (image === "" && given === null && !input.force && input.env.length === 0) {
    throw new UserError("parameter.invalid", "There is no image to deploy.", {
      hints: [
        "Give `image`, or let a job before this one push it with ecr-push, which leaves a release record in the workspace.",
      ],
    });
  }
  const service = await ecs.findService();
  requireRollingUpdates(service);
  const current = await ecs.readDefinition(service.taskDefinition);
  const draft = draftDefinition(current, given, { ...input, image });
  const now = shortRevision(service.taskDefinition);
  const action = decide(service, draft.isChanged, input.force);
  return {
    name: `${lastPart(input.cluster)}/${service.serviceName}`,
    service,
    current: current.definition,
    now,
    before: action === "join" ? shortRevision(findEarlier(service)?.taskDefinition ?? "") : now,
    draft,
    version,
    action,
  };
}

function decide(service: Service, isChanged: boolean, isForced: boolean): Plan["action"] {
  if (isChanged) return "deploy";
  if (isForced) return "restart";
  const state = findPrimary(service)?.rolloutState;
  if (state === "FAILED") return "restart";
  return state === "IN_PROGRESS" ? "join" : "nothing";
}

export function showPlan(host: Host, { name, now, draft, action }: Plan, runTask: Command): void {
  const { container, image, variables } = draft;
  host.log.info(`Service ${name}, which has ${now}:`);
  host.log.info(
    image.before === image.now
      ? `  ${container} keeps ${image.now}`
      : `  ${container} gets ${image.now} instead of ${image.before || "none"}`,
  );
  if (variables.added.length > 0) host.log.info(`  new variables: ${variables.added.join(", ")}`);
  if (variables.changed.length > 0) host.log.info(`  changed variables: ${variables.changed.join(", ")}`);
  if (action === "join") host.log.info("The same is being deployed already: this job waits for that.");
  if (action === "restart") host.log.info("Its tasks are started anew.");
  if (runTask.words.length > 0 && (action === "join" || action === "nothing"))
    host.log.info("The command of run-task is left out: this job does not update the service.");
}

async function readGiven(files: Files, path: string): Promise<Definition> {
  const text = await files.read(path);
  if (text !== null) return readDefinitionFile(path, text);
  throw new UserError("parameter.invalid", `There is no task definition ${path}.`, {
    hints: [
      "`task-definition` is seen from the job's working directory; the step `checkout` must come before this one.",
    ],
  });
}

function requireRollingUpdates({ serviceName, deploymentController }: Service): void {
  const type = deploymentController?.type ?? "";
  if (type === "" || type === "ECS") return;
  throw new UserError(
    "parameter.invalid",
    `The service ${serviceName} is deployed by ${type}, which ecs-deploy does not speak to.`,
    { hints: ["It deploys services with the deployment controller ECS."] },
  );
}

function lastPart(nameOrArn: string): string {
  return nameOrArn.split("/").at(-1) ?? nameOrArn;
}
