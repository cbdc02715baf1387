import type { CircleCi } from "../../circleci/client.ts";
import { workflowUrl } from "../../circleci/links.ts";
import type { Pipeline, Workflow } from "../../circleci/schemas.ts";
import { UserError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { findHolds } from "../../protocol/find-hold.ts";
import { isEnding } from "../../protocol/verdict.ts";
import type { SweepInput } from "./definition.ts";
import { createReceiptReader } from "./read-receipts.ts";
import { sweepHold } from "./sweep-hold.ts";
import { sweepOrphans } from "./sweep-orphans.ts";
import type { Tally } from "./tally.ts";

export interface Sweep {
  readonly api: CircleCi;
  readonly host: Host;
  readonly input: SweepInput;
  readonly tally: Tally;
}

/** A workflow of a parent, as messages name it. */
export interface Place {
  readonly pipelineId: string;
  readonly name: string;
  readonly url: string;
}

/** Looks at one pipeline of a parent: at the holds of its open workflows, and at the children of its cancelled ones. */
export async function sweepPipeline(sweep: Sweep, pipeline: Pipeline): Promise<void> {
  const { api, host, input, tally } = sweep;
  const workflows = (await api.workflowsOf(pipeline.id)).filter(({ tag }) => tag !== "setup");
  const read = createReceiptReader(api, host);
  const placeOf = ({ id, name }: Workflow): Place => ({
    pipelineId: pipeline.id,
    name: `${pipeline.project_slug} #${pipeline.number}, ${name}`,
    url: workflowUrl(input.host, pipeline.project_slug, pipeline.number, id),
  });

  for (const workflow of workflows.filter(({ status }) => !isEnding(status))) {
    const parent = { workflow, jobs: await api.jobsOf(workflow.id) };
    const waiting = parent.jobs.filter(({ type, status }) => type === "approval" && status === "on_hold");
    const holds = waiting.flatMap(({ id, name }) =>
      findHolds([parent], name).filter(({ jobId }) => jobId === id),
    );
    const place = placeOf(workflow);
    for (const hold of holds) {
      const what = `\`${hold.name}\` of ${place.name}`;
      if (!(await attempt(sweep, what, () => sweepHold(sweep, place, hold, read)))) tally.left++;
    }
  }
  let config: Promise<string> | null = null;
  const readConfig = () => {
    config ??= api.configOf(pipeline.id);
    return config;
  };
  for (const workflow of workflows.filter(({ status }) => status === "canceled")) {
    const place = placeOf(workflow);
    for (const job of await api.jobsOf(workflow.id)) {
      const orphans = () => sweepOrphans(sweep, place, { workflow, job }, { read, readConfig });
      await attempt(sweep, `${job.name} of ${place.name}`, orphans);
    }
  }
}

/** What goes wrong with one thing keeps nothing else from being swept. */
async function attempt({ host, tally }: Sweep, what: string, act: () => Promise<void>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    host.log.warn(`${what}: ${error.message}`);
    // What was listed a moment ago and is not there any more is old: nothing is the matter.
    if (error.code !== "circleci.not-found") tally.problems.push({ what, error });
    return false;
  }
}
