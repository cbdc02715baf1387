import { openCredentials } from "../../aws/credentials.ts";
import { createEcs } from "../../aws/ecs.ts";
import { createConcealer } from "../../host/conceal-values.ts";
import { hideValues } from "../../host/hide-values.ts";
import type { Host } from "../../host/host.ts";
import { openMarkers } from "../../rollout/markers.ts";
import type { EcsInput } from "./definition.ts";
import { type End, endDeploy } from "./end.ts";
import { keepRevisions } from "./keep-revisions.ts";
import { type Plan, planDeploy, showPlan } from "./plan.ts";
import type { Progress } from "./progress.ts";
import { type Deployed, rollOut } from "./roll-out.ts";
import type { Looker } from "./show-tasks.ts";

export async function ecsDeploy(input: EcsInput, host: Host): Promise<void> {
  const startedAt = host.clock.now();
  hideValues(
    host,
    input.env.filter(({ isSecret }) => isSecret).map(({ value }) => value),
  );
  const credentials = openCredentials(host, input);
  const ecs = createEcs(host, input, credentials);
  const plan = await planDeploy(input, host, ecs);
  showPlan(host, plan, input.runTask);
  const { containers } = plan.draft;
  const conceal = createConcealer(
    [...containers, ...plan.current.containerDefinitions].flatMap(({ environment = [] }) =>
      environment.map(({ value }) => value),
    ),
  );
  const markers = openMarkers(host, {
    name: input.release,
    environment: input.environmentName,
    component: plan.name,
    version: plan.version,
    isRollback: false,
  });
  const end = (ending: End) => endDeploy(host, markers, { input, plan, startedAt, conceal }, ending);
  if (plan.action === "nothing") {
    host.log.info("Nothing has changed: the service stays as it is. `force: true` starts its tasks anew.");
    return end({ result: "unchanged", progress: null, error: null });
  }
  await markers.plan();
  const looker: Looker = { ecs, credentials, containers, conceal };
  const progress: Progress = {
    phase: "nothing",
    before: plan.before,
    revision: plan.now,
    isForced: input.force,
    task: "",
    deployment: "",
  };
  const deployed: Deployed = await rollOut(host, looker, input, plan, progress).catch((error: unknown) => ({
    result: "failed",
    revision: "",
    error,
  }));
  if (deployed.result === "deployed" && input.keep > 0) await prune(host, looker, input, plan, deployed);
  await end({ ...deployed, progress });
}

async function prune(
  host: Host,
  { ecs }: Looker,
  { keep }: EcsInput,
  { draft, service }: Plan,
  { revision }: Deployed,
): Promise<void> {
  const used = [revision, service.taskDefinition, ...service.deployments.map((each) => each.taskDefinition)];
  await keepRevisions(host, ecs, { family: draft.family, keep, used });
}
