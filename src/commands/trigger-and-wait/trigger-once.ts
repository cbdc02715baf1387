import { createHash } from "node:crypto";
import type { CircleCi } from "../../circleci/client.ts";
import type { JobEnvironment } from "../../circleci/job-environment.ts";
import { pipelineUrl } from "../../circleci/links.ts";
import { UserError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { type Child, nameChild } from "../../protocol/child.ts";
import { findEarlierTrace, wayOut } from "../../protocol/earlier-child.ts";
import { describeSearch, findLostChild, findOldChild, latest } from "../../protocol/find-lost-child.ts";
import { type Receipt, readReceipt, receiptPath, writeReceipt } from "../../protocol/receipt.ts";
import { makeNonce } from "../../protocol/ticket.ts";
import type { TriggerInput } from "./definition.ts";
import { makeTicket } from "./make-ticket.ts";
import { takeUpChild } from "./take-up-child.ts";

/**
 * The one child of this job: that of an earlier run of the step or of the job where there is one, else a new
 * one. The receipt is written before the request is sent, so that a step that is run again knows.
 */
export async function triggerOnce(
  api: CircleCi,
  host: Host,
  input: TriggerInput,
  self: JobEnvironment,
  parentProject: string,
): Promise<Child> {
  const intent = makeIntent(input, self, parentProject, host.clock.now());
  const own = await readOwnReceipt(host, intent);
  if (own !== null) {
    const child = await requireChild(api, host, own, input.host);
    host.log.info(`An earlier run of this step has already triggered ${nameChild(child)}.`);
    return child;
  }
  if (input.onRerun === "new") return send(api, host, input, intent);

  const earlier = await findEarlier(api, host, input, self, intent);
  if (earlier === null || !(await takeUpChild(api, host, earlier.child, input))) {
    return send(api, host, input, intent);
  }
  await keep(host, { ...intent, ...earlier.receipt }, earlier.child);
  return earlier.child;
}

interface Earlier {
  readonly child: Child;
  /** What is known of how it was triggered. */
  readonly receipt: Partial<Pick<Receipt, "branch" | "ticket">>;
}

/** The child of an earlier run of this job, by the receipt of that run or by the ticket of the child itself. */
async function findEarlier(
  api: CircleCi,
  host: Host,
  input: TriggerInput,
  self: JobEnvironment,
  intent: Receipt,
): Promise<Earlier | null> {
  const trace = await findEarlierTrace(api, host, self, { ...intent, secret: input.signingSecret.value });
  if (trace === null) return null;
  if ("receipt" in trace) {
    const { branch, ticket } = trace.receipt;
    const child = await findAnswered(api, host, trace.receipt, input.host);
    return child === null ? null : { child, receipt: { branch, ticket } };
  }
  const { pipeline, ticket } = trace.holder;
  return { child: childOf(intent.project, pipeline, input.host), receipt: { ticket } };
}

/**
 * The child of an earlier run's receipt; null where the service, asked long after, shows that it was never made.
 * Throws `trigger.ambiguous` where that cannot be told, or not yet.
 */
async function findAnswered(
  api: CircleCi,
  host: Host,
  receipt: Receipt,
  origin: string,
): Promise<Child | null> {
  const { project, ticket, sentAt: since } = receipt;
  const isOld = host.clock.now() - since > latest;
  if (receipt.pipeline !== null || ticket === "" || !isOld) return requireChild(api, host, receipt, origin);
  const { found, unclear } = await findOldChild(api, { project, ticket, since });
  if (found !== null) return childOf(project, found.pipeline, origin);
  if (unclear !== null)
    throw new UserError("trigger.ambiguous", `${neverLearnt(project)}; ${unclear.words}.`, {
      hints: [...unclear.hints, ...wayOut],
    });
  host.log.info(`${neverLearnt(project)}: it was not, so one is triggered now.`);
  return null;
}

function neverLearnt(project: string): string {
  return `An earlier run asked for a pipeline of ${project} and never learnt whether it was made`;
}

function makeIntent(input: TriggerInput, self: JobEnvironment, parentProject: string, now: number): Receipt {
  const { project, definitionId, tag, parameters } = input;
  const branches = input.branch.names;
  const intent: Omit<Receipt, "ticket"> = {
    version: 1,
    receipt: input.receipt,
    project,
    branch: branches[0] ?? "",
    tag,
    nonce: makeNonce(self.workflowId, self.job, input.receipt),
    request: hash([project, definitionId, branches, tag, parameters]),
    hold: input.approvalJob,
    cancelChild: input.cancelChild,
    sentAt: now,
    parent: {
      project: parentProject,
      pipelineId: self.pipelineId,
      workflowId: self.workflowId,
      workspaceId: self.workspaceId,
    },
    pipeline: null,
  };
  return { ...intent, ticket: makeTicket(intent, input) };
}

async function readOwnReceipt(host: Host, intent: Receipt): Promise<Receipt | null> {
  const receipt = await readReceipt(host.files, intent.receipt);
  if (receipt === null || receipt.parent.workflowId !== intent.parent.workflowId) return null;
  if (receipt.nonce === intent.nonce && receipt.request === intent.request) return receipt;
  throw new UserError(
    "receipt.invalid",
    `The receipt \`${intent.receipt}\` is taken: another trigger of ${receipt.project} in this workflow has written it.`,
    { hints: ["Give each trigger of a workflow a `receipt` of its own."] },
  );
}

/** The child of a receipt; of one that never got its answer, the pipeline that carries its ticket. */
async function requireChild(api: CircleCi, host: Host, receipt: Receipt, origin: string): Promise<Child> {
  if (receipt.pipeline !== null) return { project: receipt.project, ...receipt.pipeline };
  const cause = new UserError("trigger.ambiguous", `${neverLearnt(receipt.project)}.`, { hints: wayOut });
  return recover(api, host, receipt, origin, cause);
}

async function recover(
  api: CircleCi,
  host: Host,
  receipt: Receipt,
  origin: string,
  cause: UserError,
): Promise<Child> {
  const { project, ticket, sentAt: since } = receipt;
  if (ticket === "") throw cause;
  const said = cause.message.replace(/\.$/, "");
  host.log.warn(`${said}. Looking for the pipeline that carries its ticket …`);
  const search = await findLostChild(api, host, { project, ticket, since }).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error;
    throw new UserError("trigger.ambiguous", `${said}; ${error.message}`, {
      hints: [...error.hints, ...cause.hints],
      cause: error,
    });
  });
  if (search.found !== null) {
    const child = childOf(project, search.found.pipeline, origin);
    await keep(host, receipt, child);
    host.log.info(`Found it: ${nameChild(child)}.`);
    return child;
  }
  throw new UserError("trigger.ambiguous", `${said}; ${describeSearch(search, project)}.`, {
    hints: [...(search.unclear?.hints ?? []), ...cause.hints],
  });
}

async function send(api: CircleCi, host: Host, input: TriggerInput, intent: Receipt): Promise<Child> {
  const { project, definitionId, tag, ticketParameter } = input;
  const parameters = { ...input.parameters, ...(intent.ticket && { [ticketParameter]: intent.ticket }) };
  const { names, skipped } = input.branch;
  const branches = names.length > 0 ? names : [""];
  if (skipped.length > 0)
    host.log.info(`Passing over ${skipped.join(", ")} of \`branch\`: no such variable is set here.`);
  for (const branch of branches) {
    const receipt = { ...intent, branch };
    host.log.info(`Triggering ${project}${branch && ` on branch ${branch}`}${tag && ` at tag ${tag}`} …`);
    await writeReceipt(host.files, receipt);
    try {
      const trigger = await api.trigger({ project, definitionId, branch, tag, parameters });
      if (trigger.end === "triggered") {
        const child = childOf(project, trigger.pipeline, input.host);
        await keep(host, receipt, child);
        host.log.info(`Triggered ${nameChild(child)}: ${child.url}`);
        return child;
      }
      await host.files.remove(receiptPath(intent.receipt));
      if (trigger.end === "ignored") throw ignored(project, trigger.message);
      host.log.info(`${project} has no branch ${branch} (${trigger.message}).`);
    } catch (error) {
      if (host.canceled.aborted) throw canceled(project);
      if (error instanceof UserError && error.code === "trigger.ambiguous") {
        return await recover(api, host, receipt, input.host, error);
      }
      if (error instanceof UserError) await host.files.remove(receiptPath(intent.receipt));
      throw error;
    }
  }
  throw new UserError(
    "trigger.refused",
    `${project} was not triggered: it has no branch ${branches.join(", ")}.`,
    {
      hints: ["Give `branch` a last resort that is always there: `branch: ${CIRCLE_BRANCH}, main`."],
    },
  );
}

function ignored(project: string, message: string): UserError {
  return new UserError("trigger.refused", `${project} was not triggered: ${message}.`, {
    hints: ["CircleCI skips commits whose message holds [skip ci] or [ci skip]."],
  });
}

export function canceled(project: string): UserError {
  return new UserError(
    "job.canceled",
    `This job was cancelled while it asked for a pipeline of ${project}: the child may or may not have been triggered.`,
    { hints: ["Look at the project's newest pipelines."] },
  );
}

export function childOf(
  project: string,
  pipeline: { readonly id: string; readonly number: number },
  origin: string,
): Child {
  const { id, number } = pipeline;
  return { project, id, number, url: pipelineUrl(origin, project, number) };
}

async function keep(host: Host, receipt: Receipt, { id, number, url }: Child): Promise<void> {
  await writeReceipt(host.files, { ...receipt, pipeline: { id, number, url } });
}

function hash(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 32);
}
