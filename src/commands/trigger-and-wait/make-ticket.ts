import { extendChain } from "../../protocol/chain.ts";
import type { Receipt } from "../../protocol/receipt.ts";
import { decodeTicket, encodeTicket } from "../../protocol/ticket.ts";
import type { TriggerInput } from "./definition.ts";

/** CircleCI cancels a hold by itself after that many seconds. */
const holdLifetime = 90 * 24 * 60 * 60;

/** The ticket for the child, empty where none is wanted. Throws `chain.refused` for a child that may not be triggered. */
export function makeTicket(intent: Omit<Receipt, "ticket">, input: TriggerInput): string {
  const { parent, project, receipt, hold, nonce } = intent;
  const own = input.ticket === "" ? null : decodeTicket(input.ticket);
  const ancestors = extendChain(own, parent.project, project, input.maxDepth);
  if (input.ticketParameter === "") return "";
  const ticket = {
    parentProject: parent.project,
    pipelineId: parent.pipelineId,
    workflowId: parent.workflowId,
    workspaceId: parent.workspaceId,
    hold,
    receipt,
    childProject: project,
    nonce,
    expires: Math.floor(intent.sentAt / 1000) + holdLifetime,
    ancestors,
  };
  return encodeTicket(ticket, input.signingSecret.value);
}
