import { createClient } from "../../circleci/client.ts";
import type { Pipeline } from "../../circleci/schemas.ts";
import { UserError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { countRequests } from "./count-requests.ts";
import { goOn, showCursor } from "./cursor.ts";
import type { SweepInput } from "./definition.ts";
import { type Sweep, sweepPipeline } from "./sweep-pipeline.ts";
import { Tally } from "./tally.ts";

/** CircleCI ends a step that prints nothing for 10 minutes; people get uneasy sooner. */
const signOfLife = 60_000;

export async function sweep(input: SweepInput, outside: Host): Promise<void> {
  const { host, count } = countRequests(outside);
  const tally = new Tally();
  const work: Sweep = { api: createClient(host, input.host, input.token), host, input, tally };
  const since = host.clock.now() - input.maxAge;
  if (input.dryRun) host.log.info("This is a dry run: nothing will be changed.");

  const left = () => input.maxCalls - count();
  for (const { project, from } of goOn(input)) {
    const next = await sweepProject(work, project, { since, from, left });
    if (next === null) continue;
    const cursor = showCursor({ project, number: next });
    const advice =
      tally.pipelines > 0
        ? `Stopped at \`max-calls\`. Go on with \`cursor: ${cursor}\`, or give \`max-calls\` more.`
        : `Stopped at \`max-calls\` on the way down to ${cursor}. Give \`max-calls\` more: the list has 20 pipelines a request.`;
    host.log.warn(advice);
    break;
  }
  host.log.info(tally.describe(count(), input.dryRun));
  tally.assertComplete();
}

interface Stretch {
  readonly since: number;
  readonly from: number | null;
  /** So many requests are left. */
  readonly left: () => number;
}

/** The number of the pipeline to go on with where there was no time for all; null: all are done, or the project is not to be seen. */
async function sweepProject(
  work: Sweep,
  project: string,
  { since, from, left }: Stretch,
): Promise<number | null> {
  const { api, host, tally } = work;
  let spoken = host.clock.now();
  try {
    for await (const pipeline of api.pipelinesOf(project)) {
      if (Date.parse(pipeline.created_at) < since) break;
      if (from !== null && pipeline.number > from) {
        if (left() < 0) return from;
        continue;
      }
      if (tally.pipelines > 0 && left() <= 0) return pipeline.number;
      if (host.clock.now() - spoken >= signOfLife) {
        host.log.info(`Now at pipeline #${pipeline.number} of ${project} …`);
        spoken = host.clock.now();
      }
      tally.projects.add(project);
      tally.pipelines++;
      await sweepOne(work, pipeline);
    }
    tally.projects.add(project);
  } catch (error) {
    if (!(error instanceof UserError) || error.code === "circleci.unauthorized") throw error;
    host.log.warn(`${project} is left out: ${error.message}`);
    tally.problems.push({ what: project, error });
  }
  return null;
}

/** One that cannot be looked at keeps no other from it. A pipeline that is listed and not there is old: nothing is the matter. */
async function sweepOne(work: Sweep, pipeline: Pipeline): Promise<void> {
  try {
    await sweepPipeline(work, pipeline);
  } catch (error) {
    if (!(error instanceof UserError) || error.code === "circleci.unauthorized") throw error;
    const what = `${pipeline.project_slug} #${pipeline.number}`;
    work.host.log.warn(`${what} could not be looked at: ${error.message}`);
    if (error.code !== "circleci.not-found") work.tally.problems.push({ what, error });
  }
}
