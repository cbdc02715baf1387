import { type CircleCi, createClient } from "../../circleci/client.ts";
import { type JobEnvironment, readJobEnvironment } from "../../circleci/job-environment.ts";
import { workflowRunUrl } from "../../circleci/links.ts";
import { normalizeSlug } from "../../circleci/slug.ts";
import { UserError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { requireSecret } from "../../orb/parameter.ts";
import { writeCallbackNote } from "../../protocol/callback-note.ts";
import type { Hold } from "../../protocol/find-hold.ts";
import { isRepeatable } from "../../protocol/job-failure.ts";
import {
  hasThisJobFailed,
  isRerunComing,
  judgeOwnWorkflow,
  listOwnWorkflows,
  type OwnWorkflow,
} from "../../protocol/own-workflow.ts";
import { resolveHold, type Target } from "../../protocol/resolve.ts";
import { checkTicket, decodeTicket, type Ticket } from "../../protocol/ticket.ts";
import { createVoucher, longestPatience } from "../../protocol/vouch.ts";
import { wakeReruns } from "../../protocol/wake-reruns.ts";
import { type OnFailure, readWish } from "../../protocol/wished-deed.ts";
import { awaitOthers } from "./await-others.ts";
import type { ApproveInput } from "./definition.ts";

export async function approveInParent(input: ApproveInput, host: Host): Promise<void> {
  if (!input.ticket && !input.pipelineId) {
    host.log.info("This pipeline was not triggered by circleback: there is no parent to wake.");
    return;
  }
  const ticket = input.ticket ? readTicket(input, host) : null;
  const name = ticket?.hold ?? input.approvalJob;
  const note = { version: 1 as const, approved: [], ownStepsFailed: await hasThisJobFailed(host.files) };
  await writeCallbackNote(host.files, { ...note, hasCalledBack: name === "" });
  if (name === "") {
    host.log.info("The parent of this pipeline sleeps on no approval job: it reads the result by itself.");
    return;
  }
  const self = readJobEnvironment(host.env);
  const api = createClient(host, input.host, requireSecret(input.token));
  const own = await judgeOwnWorkflow(api, host, self);
  refuseForeign(ticket, own);
  const hasFailed = await reportOwn(api, host, self, own);

  const isAlone = own.unfinished.length === 0;
  const deed = await choose(api, host, input, self, {
    hasFailed,
    isAlone,
    hasThisJobFailed: own.hasThisJobFailed,
  });
  if (typeof deed === "object" || deed === "leave") {
    const why =
      deed === "leave"
        ? "to a human, as `on-failure: leave` asks"
        : `to the callback of ${deed.later}, which has not ended: it sleeps until somebody approves`;
    host.log.info(`\`${name}\` is left ${why}.`);
    await writeCallbackNote(host.files, { ...note, hasCalledBack: true });
    return;
  }
  const vouch = createVoucher(api, host.clock, {
    requireReceipt: input.requireReceipt,
    allowedParents: input.allowedParents,
    pipelineId: self.pipelineId,
    receipt: ticket?.receipt ?? null,
    patience: Math.min(longestPatience, input.timeout / 2),
  });
  const target = {
    pipelineId: ticket?.pipelineId ?? input.pipelineId,
    workflowId: ticket?.workflowId ?? null,
    hold: name,
    deed,
    vouch,
  };
  const { end, hold } = await resolveHold(api, host, target, input.timeout);
  const sentences = {
    done:
      deed === "approve"
        ? `Approved \`${name}\`: the parent goes on,`
        : `Cancelled \`${name}\`: the parent ends without running anything more,`,
    "already-approved": `\`${name}\` is already approved, so there is nothing left to do:`,
    "already-canceled": `\`${name}\` is already cancelled, so there is nothing left to do:`,
    lost: `Nothing waits for this pipeline any more (\`${name}\` is ${hold.status}), so there is nothing to wake:`,
  };
  host.log.info(`${sentences[end]} ${workflowRunUrl(input.host, hold.workflowId)}`);
  const isCanceled = hold.status === "canceled" || (deed === "cancel" && end === "done");
  if (isCanceled) host.log.info(adviceForRerun);
  const ours = end === "done" ? [hold] : [];
  if (ticket !== null && mayHaveReruns(ticket, hold) && input.requireReceipt && end !== "lost") {
    ours.push(...(await wakeOthers(api, host, input, target, hold)));
  }
  const approved = deed === "approve" ? ours.map(({ jobId }) => jobId) : [];
  await writeCallbackNote(host.files, { ...note, approved, hasCalledBack: true });
}

/** A rerun from failed repeats no job that could tell: whoever asks for it has to know before. */
const adviceForRerun =
  "If the parent is run again, let it be from its start: from failed, its new hold sleeps until this job runs again, too, or a sweep comes.";

/** A first run that still sleeps has none: only what has ended can be run again. */
function mayHaveReruns({ workflowId, workspaceId }: Ticket, hold: Hold): boolean {
  return workspaceId !== workflowId || hold.workflowId !== workflowId;
}

/** The parent that asked has been served: what goes wrong with its reruns is for the sweep. */
async function wakeOthers(
  api: CircleCi,
  host: Host,
  input: ApproveInput,
  target: Target,
  served: Hold,
): Promise<readonly Hold[]> {
  try {
    const woken = await wakeReruns(api, host, target, served, input.timeout);
    for (const { workflowId } of woken) {
      host.log.info(`So is \`${target.hold}\` of its rerun: ${workflowRunUrl(input.host, workflowId)}`);
    }
    return woken;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    host.log.warn(`Reruns of the parent, if there are any, are left to a sweep: ${error.message}`);
    return [];
  }
}

function readTicket({ ticket, signingSecret, requireSignature }: ApproveInput, host: Host): Ticket {
  const decoded = decodeTicket(ticket);
  if (signingSecret.value !== null) host.log.hide(signingSecret.value);
  checkTicket(ticket, decoded, { secret: signingSecret.value, requireSignature, now: host.clock.now() });
  return decoded;
}

/** A ticket that was made for another project says nothing about this one. */
function refuseForeign(ticket: Ticket | null, { project }: OwnWorkflow): void {
  if (ticket === null || normalizeSlug(ticket.childProject) === normalizeSlug(project)) return;
  throw new UserError(
    "ticket.invalid",
    `The ticket is for ${ticket.childProject}, but this pipeline is one of ${project}.`,
    {
      hints: ["Do not hand a ticket on: a pipeline that you trigger yourself gets one of its own."],
    },
  );
}

/** Says how this workflow stands; throws `callback.early` where CircleCI is about to repeat it. */
async function reportOwn(
  api: CircleCi,
  host: Host,
  self: JobEnvironment,
  own: OwnWorkflow,
): Promise<boolean> {
  const failed = own.failed.map(({ name, status }) => `${name} ${status}`);
  if (own.hasThisJobFailed) failed.unshift(`${self.job} failed`);
  const open = own.unfinished.map(({ name, status }) => `${name} is ${status}`).join(", ");
  if (open !== "") {
    host.log.warn(`This workflow has not ended: ${open}. Let the callback require these jobs as well.`);
  }
  if (failed.length === 0) {
    host.log.info(
      open === "" ? "All other jobs of this workflow have ended well." : "None of its jobs has failed yet.",
    );
    return false;
  }
  host.log.info(`Not every job of this workflow has ended well: ${failed.join(", ")}.`);
  const hasFailed = own.hasThisJobFailed || own.failed.some(isRepeatable);
  if (!hasFailed || !(await isRerunComing(api, host, self))) return true;
  throw new UserError(
    "callback.early",
    "CircleCI will run this workflow again by itself, so the parent is not woken yet.",
    {
      hints: [
        "Nothing to do: this job fails on purpose, so that it runs again together with the failed ones.",
      ],
    },
  );
}

/**
 * Only a result that the whole child shares may release a hold that a failure would not. Nor may a callback that
 * approves whatever happens, where another one of this pipeline would not.
 */
async function choose(
  api: CircleCi,
  host: Host,
  { onFailure, timeout }: ApproveInput,
  self: JobEnvironment,
  own: { readonly hasFailed: boolean; readonly isAlone: boolean; readonly hasThisJobFailed: boolean },
): Promise<OnFailure | { readonly later: string }> {
  const wish = onFailure === "approve" ? await readWishOfOthers(api, host, self, own) : onFailure;
  if (wish === "approve") return "approve";
  const others = own.hasThisJobFailed ? "failed" : await awaitOthers(api, host, self, timeout);
  if (typeof others === "object") return others;
  return others === "failed" ? wish : "approve";
}

/** Nobody else has a say where nothing else has failed or is to come. */
async function readWishOfOthers(
  api: CircleCi,
  host: Host,
  self: JobEnvironment,
  { hasFailed, isAlone }: { readonly hasFailed: boolean; readonly isAlone: boolean },
): Promise<OnFailure> {
  const isLast =
    isAlone &&
    !hasFailed &&
    (await listOwnWorkflows(api, host, self)).every(
      ({ id, tag }) => id === self.workflowId || tag === "setup",
    );
  if (isLast) return "approve";
  const wish = await readWish(api, self.pipelineId);
  if (wish !== "approve")
    host.log.info(
      `Another callback of this pipeline has \`on-failure: ${wish}\`, which counts for all of them.`,
    );
  return wish;
}
