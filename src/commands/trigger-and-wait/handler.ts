import { createHash } from "node:crypto";
import { type CircleCi, createClient } from "../../circleci/client.ts";
import { type JobEnvironment, readJobEnvironment } from "../../circleci/job-environment.ts";
import { pipelineUrl } from "../../circleci/links.ts";
import { UserError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { awaitResults } from "../../protocol/await-results.ts";
import { awaitStart } from "../../protocol/await-start.ts";
import { type Child, nameChild } from "../../protocol/child.ts";
import { type Receipt, readReceipt, receiptPath, writeReceipt } from "../../protocol/receipt.ts";
import { reportResults } from "../../protocol/report-results.ts";
import { encodeTicket, makeNonce } from "../../protocol/ticket.ts";
import { checkHold } from "./check-hold.ts";
import type { TriggerInput } from "./definition.ts";

/** CircleCI cancels a hold by itself after that many seconds. */
const holdLifetime = 90 * 24 * 60 * 60;

export async function triggerAndWait(input: TriggerInput, host: Host): Promise<void> {
  const self = readJobEnvironment(host.env);
  refuseParallelJob(self);
  const api = createClient(host, input.host, input.token);
  const parentProject = await inspectParent(api, self, input.approvalJob);

  const child = await triggerOnce(api, host, input, self, parentProject);
  try {
    await awaitStart(api, host, child, input.startTimeout);
    host.log.info(`${nameChild(child)} has started: ${child.url}`);
    if (input.approvalJob) {
      host.log.info(
        `This workflow now sleeps on \`${input.approvalJob}\`, free of charge, until the child wakes it.`,
      );
    } else if (input.wait) {
      const results = await awaitResults(api, host, [child], {
        timeout: input.timeout,
        first: 5_000,
        longest: 30_000,
      });
      await reportResults(api, host, results, { origin: input.host, successOn: ["success"] });
    }
  } catch (error) {
    if (!host.canceled.aborted) throw error;
    throw new UserError(
      "job.canceled",
      `This job was cancelled; ${nameChild(child)} goes on by itself: ${child.url}`,
    );
  }
}

function refuseParallelJob({ job, nodeTotal }: JobEnvironment): void {
  if (nodeTotal <= 1) return;
  throw new UserError(
    "job.parallel",
    `\`${job}\` runs on ${nodeTotal} parallel nodes, and each would trigger a child.`,
    {
      hints: ["Move trigger-and-wait into a job without `parallelism`."],
    },
  );
}

/** The parent's own slug, which no environment variable holds; with a hold, after a look at it. */
async function inspectParent(api: CircleCi, self: JobEnvironment, hold: string): Promise<string> {
  if (hold === "") return (await api.workflow(self.workflowId)).project_slug;
  const jobs = await api.jobsOf(self.workflowId);
  checkHold(jobs, hold, self);
  return jobs[0]?.project_slug ?? "";
}

/** Triggers, unless an earlier run of this very step already has: the receipt is written before the request is sent. */
async function triggerOnce(
  api: CircleCi,
  host: Host,
  input: TriggerInput,
  self: JobEnvironment,
  parentProject: string,
): Promise<Child> {
  const { project, definitionId, branch, tag } = input;
  const intent: Receipt = {
    version: 1,
    receipt: input.receipt,
    project,
    branch,
    tag,
    nonce: makeNonce(self.workflowId, self.job, input.receipt),
    request: hash([project, definitionId, branch, tag, input.parameters]),
    hold: input.approvalJob,
    parent: {
      project: parentProject,
      pipelineId: self.pipelineId,
      workflowId: self.workflowId,
      workspaceId: self.workspaceId,
    },
    pipeline: null,
  };
  const earlier = await findEarlier(host, intent);
  if (earlier !== null) return earlier;
  const parameters = { ...input.parameters, ...ticketFor(intent, input.ticketParameter, host.clock.now()) };

  host.log.info(`Triggering ${project}${branch && ` on branch ${branch}`}${tag && ` at tag ${tag}`} …`);
  await writeReceipt(host.files, intent);
  try {
    const trigger = await api.trigger({ project, definitionId, branch, tag, parameters });
    if (!trigger.triggered) {
      throw new UserError("trigger.refused", `${project} was not triggered: ${trigger.message}.`, {
        hints: ["CircleCI skips commits whose message holds [skip ci] or [ci skip]."],
      });
    }
    const { id, number, created_at: createdAt } = trigger.pipeline;
    const pipeline = { id, number, url: pipelineUrl(input.host, project, number), createdAt };
    await writeReceipt(host.files, { ...intent, pipeline });
    return { project, ...pipeline };
  } catch (error) {
    const isSure =
      error instanceof UserError && error.code !== "trigger.ambiguous" && error.code !== "job.canceled";
    if (isSure) await host.files.remove(receiptPath(input.receipt));
    if (isSure || !host.canceled.aborted) throw error;
    throw new UserError(
      "job.canceled",
      `This job was cancelled while it asked for a pipeline of ${project}: the child may or may not have been triggered.`,
      { hints: ["Look at the project's newest pipelines."] },
    );
  }
}

async function findEarlier(host: Host, intent: Receipt): Promise<Child | null> {
  const receipt = await readReceipt(host.files, intent.receipt);
  if (receipt === null || receipt.parent.workflowId !== intent.parent.workflowId) return null;
  if (receipt.nonce !== intent.nonce || receipt.request !== intent.request) {
    throw new UserError(
      "receipt.invalid",
      `The receipt \`${intent.receipt}\` is taken: another trigger of ${receipt.project} in this workflow has written it.`,
      { hints: ["Give each trigger of a workflow a `receipt` of its own."] },
    );
  }
  if (receipt.pipeline === null) {
    throw new UserError(
      "trigger.ambiguous",
      `An earlier run of this step asked for a pipeline of ${intent.project} and never learnt whether it was made.`,
      { hints: ["Look at the project's newest pipelines, then rerun this workflow from the start."] },
    );
  }
  const child = { project: receipt.project, ...receipt.pipeline };
  host.log.info(`An earlier run of this step has already triggered ${nameChild(child)}.`);
  return child;
}

function ticketFor(receipt: Receipt, parameter: string, now: number): Readonly<Record<string, string>> {
  if (parameter === "") return {};
  const { parent, project, hold, nonce } = receipt;
  const ticket = encodeTicket({
    parentProject: parent.project,
    pipelineId: parent.pipelineId,
    workflowId: parent.workflowId,
    workspaceId: parent.workspaceId,
    hold,
    receipt: receipt.receipt,
    childProject: project,
    nonce,
    expires: Math.floor(now / 1000) + holdLifetime,
    ancestors: [],
  });
  return { [parameter]: ticket };
}

function hash(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 32);
}
