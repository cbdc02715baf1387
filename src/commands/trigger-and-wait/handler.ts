import { type CircleCi, createClient } from "../../circleci/client.ts";
import { type JobEnvironment, readJobEnvironment } from "../../circleci/job-environment.ts";
import { UserError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { readPart } from "../../orb/part.ts";
import { awaitResults } from "../../protocol/await-results.ts";
import { awaitStart } from "../../protocol/await-start.ts";
import { cancelChild } from "../../protocol/cancel-child.ts";
import { type Child, nameChild } from "../../protocol/child.ts";
import { isShared } from "../../protocol/earlier-child.ts";
import { findOldChild } from "../../protocol/find-lost-child.ts";
import { judgeChild } from "../../protocol/judge-child.ts";
import { type Receipt, readReceipt, receiptPath } from "../../protocol/receipt.ts";
import { reportResults } from "../../protocol/report-results.ts";
import { checkHold, checkHoldIsFree } from "./check-hold.ts";
import type { TriggerInput } from "./definition.ts";
import { canceled, childOf, triggerOnce } from "./trigger-once.ts";

/**
 * In the orb in two steps: the receipt of the first is stored before the second begins, so that it outlives
 * whatever becomes of the wait.
 */
export async function triggerAndWait(input: TriggerInput, host: Host): Promise<void> {
  const self = readJobEnvironment(host.env);
  if (input.signingSecret.value !== null) host.log.hide(input.signingSecret.value);
  const api = createClient(host, input.host, input.token);
  const part = readPart(host.env);

  const child =
    part === "second" ? await recallChild(host, input, self) : await trigger(api, host, input, self);
  if (part !== "first") await wait(api, host, input, self, child);
}

async function trigger(api: CircleCi, host: Host, input: TriggerInput, self: JobEnvironment): Promise<Child> {
  refuseParallelJob(self);
  if (input.approvalJob) await checkHoldIsFree(host.files, input.approvalJob, self, input.receipt);
  const parentProject = await inspectParent(api, self, input.approvalJob);
  try {
    return await triggerOnce(api, host, input, self, parentProject);
  } catch (error) {
    const receipt = host.canceled.aborted ? await readReceipt(host.files, input.receipt) : null;
    if (receipt?.parent.workflowId !== self.workflowId) throw error;
    // The request was sent: a child that is there already would be known to nobody.
    const child = await findSentChild(
      createClient(withLastWords(host), input.host, input.token),
      input,
      receipt,
    );
    throw child === null ? canceled(input.project) : await explainCancel(host, input, self, child);
  }
}

async function findSentChild(api: CircleCi, { host }: TriggerInput, receipt: Receipt): Promise<Child | null> {
  const { project, ticket, sentAt: since, pipeline } = receipt;
  if (pipeline) return { project, ...pipeline };
  if (ticket === "") return null;
  try {
    const { found } = await findOldChild(api, { project, ticket, since });
    return found && childOf(project, found.pipeline, host);
  } catch {
    return null;
  }
}

/** A cancelled job has some seconds left. */
function withLastWords(host: Host): Host {
  return { ...host, canceled: new AbortController().signal };
}

/** The child that the step before this one has triggered. */
async function recallChild(host: Host, input: TriggerInput, self: JobEnvironment): Promise<Child> {
  const receipt = await readReceipt(host.files, input.receipt);
  if (receipt?.pipeline && receipt.parent.workflowId === self.workflowId) {
    return { project: receipt.project, ...receipt.pipeline };
  }
  throw new UserError(
    "receipt.invalid",
    `The receipt that the step before this one has left is gone (${receiptPath(input.receipt)}).`,
    { hints: ["Leave the folder `.circleback` to the orb."] },
  );
}

async function wait(
  api: CircleCi,
  host: Host,
  input: TriggerInput,
  self: JobEnvironment,
  child: Child,
): Promise<void> {
  try {
    const sentAt = (await readReceipt(host.files, input.receipt))?.sentAt ?? host.clock.now();
    await awaitStart(api, host, child, { timeout: input.startTimeout, sentAt });
    host.log.info(`${nameChild(child)} has started: ${child.url}`);
    if (input.approvalJob) {
      host.log.info(
        `This workflow now sleeps on \`${input.approvalJob}\`, free of charge, until the child wakes it.`,
      );
    } else if (input.wait) {
      await awaitHere(api, host, input, child);
    }
  } catch (error) {
    if (!host.canceled.aborted) throw error;
    throw await explainCancel(host, input, self, child);
  }
}

function refuseParallelJob({ job, nodeTotal }: JobEnvironment): void {
  if (nodeTotal <= 1) return;
  throw new UserError(
    "job.parallel",
    `\`${job}\` runs on ${nodeTotal} parallel nodes, and each would trigger a child.`,
    { hints: ["Move trigger-and-wait into a job without `parallelism`."] },
  );
}

/**
 * The parent's own slug, which no environment variable holds, and without which circles of triggers could not be
 * seen, whoever waits for the child; with a hold, after a look at it.
 */
async function inspectParent(api: CircleCi, self: JobEnvironment, hold: string): Promise<string> {
  if (hold === "") return (await api.workflow(self.workflowId)).project_slug;
  const jobs = await api.jobsOf(self.workflowId);
  checkHold(jobs, hold, self);
  return jobs[0]?.project_slug ?? "";
}

/** Without a hold the step itself waits, and pays. */
async function awaitHere(api: CircleCi, host: Host, input: TriggerInput, child: Child): Promise<void> {
  const { childWorkflows: patterns, timeout } = input;
  const wait = awaitResults(api, host, [child], { patterns, timeout, first: 5_000, longest: 30_000 });
  const results = await wait.catch(async (error: unknown) => {
    const isLate = error instanceof UserError && error.code === "wait.timeout";
    throw isLate && input.cancelOnTimeout ? await giveUp(api, host, input, child, error) : error;
  });
  const judged = [];
  for (const result of results) {
    judged.push({ child: result.child, ...(await judgeChild(api, result.child.id, result.workflows)) });
  }
  await reportResults(api, host, judged, { ...input, origin: input.host });
}

/** What becomes of the child does not change that its time was up. */
async function giveUp(
  api: CircleCi,
  host: Host,
  { receipt }: TriggerInput,
  child: Child,
  { message }: UserError,
): Promise<UserError> {
  const error = (hint: string) => new UserError("wait.timeout", message, { hints: [hint] });
  try {
    if (await isShared(api, host, readJobEnvironment(host.env), receipt, child.id))
      return error(`It goes on, since another run of this workflow waits for it, too: ${child.url}`);
    const hints = {
      canceled: "Give it more time with `timeout`; it was cancelled, as `cancel-on-timeout` asks.",
      over: "It has ended meanwhile: rerun this job, and it is judged; or give it more time with `timeout`.",
      doubtful: `Look at ${child.url}: CircleCI does not show that it is cancelled, as \`cancel-on-timeout\` asks.`,
    };
    return error(hints[await cancelChild(api, host, child)]);
  } catch (cause) {
    host.log.warn(`The child could not be cancelled: ${cause instanceof Error ? cause.message : cause}`);
    return error(`Look at ${child.url}`);
  }
}

/** The job is about to be killed: what can be done for the child is tried quickly, and said. */
async function explainCancel(
  host: Host,
  input: TriggerInput,
  self: JobEnvironment,
  child: Child,
): Promise<UserError> {
  const goesOn = `${nameChild(child)} goes on by itself: ${child.url}`;
  if (!input.cancelChild) return new UserError("job.canceled", `This job was cancelled; ${goesOn}`);
  const lastWords = withLastWords(host);
  const api = createClient(lastWords, input.host, input.token);
  try {
    if (await isShared(api, lastWords, self, input.receipt, child.id)) {
      return new UserError(
        "job.canceled",
        `This job was cancelled; another run of this workflow waits for the child, so ${goesOn}`,
      );
    }
    const words = {
      canceled: `, and ${nameChild(child)} with it: ${child.url}`,
      over: `; ${nameChild(child)} had ended before: ${child.url}`,
      doubtful: `; CircleCI does not show that ${nameChild(child)} is cancelled with it: ${child.url}`,
    };
    const end = await cancelChild(api, lastWords, child);
    return new UserError("job.canceled", `This job was cancelled${words[end]}`);
  } catch (cause) {
    return new UserError("job.canceled", `This job was cancelled; its child could not be, so ${goesOn}`, {
      cause,
    });
  }
}
