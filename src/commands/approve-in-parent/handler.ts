import { createClient } from "../../circleci/client.ts";
import { workflowRunUrl } from "../../circleci/links.ts";
import type { Host } from "../../host/host.ts";
import { requireSecret } from "../../orb/parameter.ts";
import { resolveHold, type Target } from "../../protocol/resolve.ts";
import { decodeTicket } from "../../protocol/ticket.ts";
import type { ApproveInput } from "./definition.ts";

export async function approveInParent(input: ApproveInput, host: Host): Promise<void> {
  if (!input.ticket && !input.pipelineId) {
    host.log.info("This pipeline was not triggered by circleback: there is no parent to wake.");
    return;
  }
  const target = readTarget(input);
  if (target.hold === "") {
    host.log.info("The parent of this pipeline sleeps on no approval job: it reads the result by itself.");
    return;
  }
  const api = createClient(host, input.host, requireSecret(input.token));
  const { end, hold } = await resolveHold(api, host, target, input.timeout);
  const url = workflowRunUrl(input.host, hold.workflowId);
  const sentences = {
    approved: `Approved \`${target.hold}\`: the parent goes on, ${url}`,
    "already-approved": `\`${target.hold}\` is already approved, so there is nothing left to do: ${url}`,
    lost: `The parent has ended without waiting for this pipeline (\`${target.hold}\` is ${hold.status}), so there is nothing to wake: ${url}`,
  };
  host.log.info(sentences[end]);
}

function readTarget({ ticket, pipelineId, approvalJob }: ApproveInput): Target {
  if (ticket === "") return { pipelineId, workflowId: null, hold: approvalJob };
  const { hold, workflowId, pipelineId: parentPipeline } = decodeTicket(ticket);
  return { pipelineId: parentPipeline, workflowId, hold };
}
