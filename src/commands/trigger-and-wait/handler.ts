import { type CircleCi, createClient } from "../../circleci/client.ts";
import { type JobEnvironment, readJobEnvironment } from "../../circleci/job-environment.ts";
import { UserError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { awaitResults } from "../../protocol/await-results.ts";
import { awaitStart } from "../../protocol/await-start.ts";
import { cancelChild } from "../../protocol/cancel-child.ts";
import { type Child, nameChild } from "../../protocol/child.ts";
import { isShared } from "../../protocol/earlier-child.ts";
import { readWorkflows, reportResults } from "../../protocol/report-results.ts";
import { checkHold } from "./check-hold.ts";
import type { TriggerInput } from "./definition.ts";
import { triggerOnce } from "./trigger-once.ts";

export async function triggerAndWait(input: TriggerInput, host: Host): Promise<void> {
  const self = readJobEnvironment(host.env);
  refuseParallelJob(self);
  if (input.signingSecret.value !== null) host.log.hide(input.signingSecret.value);
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

/** The parent's own slug, which no environment variable holds; with a hold, after a look at it. */
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
    throw isLate && input.cancelOnTimeout ? await giveUp(api, host, child, error) : error;
  });
  const judged = [];
  for (const result of results)
    judged.push({ ...result, workflows: await readWorkflows(api, result), callbacks: [] });
  await reportResults(api, host, judged, { ...input, origin: input.host });
}

/** What becomes of the child does not change that its time was up. */
async function giveUp(api: CircleCi, host: Host, child: Child, { message }: UserError): Promise<UserError> {
  const error = (hint: string) => new UserError("wait.timeout", message, { hints: [hint] });
  try {
    await cancelChild(api, host, child);
    return error("Give it more time with `timeout`; it was cancelled, as `cancel-on-timeout` asks.");
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
  const lastWords = { ...host, canceled: new AbortController().signal };
  const api = createClient(lastWords, input.host, input.token);
  try {
    if (await isShared(api, self, input.receipt, child.id)) {
      return new UserError(
        "job.canceled",
        `This job was cancelled; another workflow waits for the child, so ${goesOn}`,
      );
    }
    await cancelChild(api, lastWords, child);
    return new UserError(
      "job.canceled",
      `This job was cancelled, and ${nameChild(child)} with it: ${child.url}`,
    );
  } catch (cause) {
    return new UserError("job.canceled", `This job was cancelled; its child could not be, so ${goesOn}`, {
      cause,
    });
  }
}
