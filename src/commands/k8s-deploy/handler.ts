import { chooseRelease } from "../../delivery/find-release.ts";
import { type DeployRecord, describeJob, writeLastRelease } from "../../delivery/release-record.ts";
import type { Host } from "../../host/host.ts";
import { openApi } from "../../kubernetes/api.ts";
import { showTarget } from "../../kubernetes/resources.ts";
import { openMarkers } from "../../rollout/markers.ts";
import { planManifests } from "./apply-manifest.ts";
import type { K8sInput } from "./definition.ts";
import { openCluster } from "./open-cluster.ts";
import { readFiles } from "./read-files.ts";
import { type Ending, rollOut } from "./roll-out.ts";
import { planImage } from "./set-image.ts";

export async function k8sDeploy(input: K8sInput, host: Host): Promise<void> {
  const startedAt = host.clock.now();
  const { image, version } = await chooseRelease(host, input);
  const manifests = await readFiles(host, input.manifest, image);
  const access = await openCluster(host, input);
  const api = openApi(host, access);
  const namespace = input.namespace || access.namespace || "default";
  const { workload, container, forceConflicts } = input;
  const changes =
    workload === null
      ? await planManifests(api, manifests, { namespace, forceConflicts })
      : [await planImage(api, { workload, container, image, namespace })];
  host.log.info(`Cluster: ${access.server} (${access.title}), namespace ${namespace}`);
  for (const { target, words } of changes) {
    host.log.info(`${showTarget(target)}${words === null ? " is so already" : `: ${words}`}`);
  }
  if (input.dryRun) {
    const all = changes.some(({ isUnchecked }) => isUnchecked) ? "all that it can check" : "all of it";
    return host.log.info(`Dry run: the cluster takes ${all}, and nothing was changed.`);
  }
  if (changes.every(({ words }) => words === null)) {
    host.log.info("Nothing is to be changed; whether it is rolled out is looked at all the same.");
  }
  const markers = openMarkers(host, {
    name: input.release,
    environment: input.environmentName,
    component: changes[0]?.target.name ?? namespace,
    version,
    isRollback: false,
  });
  await markers.plan();
  const ending = await rollOut(host, api, changes, input);
  const { error } = ending;
  const record = describeEnding(host, input, { image, version, namespace, startedAt, ending });
  const last = await writeLastRelease(host, input.release, record, error);
  const isCanceled = error?.code === "job.canceled";
  await markers.end(
    error === null ? "SUCCESS" : isCanceled ? "CANCELED" : "FAILED",
    isCanceled ? "" : (error?.message ?? ""),
  );
  if (last !== null) throw last;
}

function describeEnding(
  host: Host,
  { environmentName }: K8sInput,
  {
    image,
    version,
    namespace,
    startedAt,
    ending,
  }: {
    readonly image: string;
    readonly version: string;
    readonly namespace: string;
    readonly startedAt: number;
    readonly ending: Ending;
  },
): DeployRecord {
  return {
    schema: 1,
    action: "deploy",
    dryRun: false,
    version,
    image: image || null,
    digest: image.split("@")[1] ?? null,
    project: namespace,
    environment: environmentName,
    hosts: ending.outcomes.map(({ change, result, phase }) => ({
      host: showTarget(change.target),
      result,
      phase,
      release: "",
      before: change.before,
    })),
    ...describeJob(host.env),
    startedAt: new Date(startedAt).toISOString(),
    finishedAt: new Date(host.clock.now()).toISOString(),
  };
}
