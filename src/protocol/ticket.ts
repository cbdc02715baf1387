import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import * as v from "valibot";
import { UserError } from "../errors.ts";
import type { Secret } from "../secret.ts";

/**
 * What the child is told about whom to wake. It travels as one pipeline parameter, which anybody who can see
 * the pipeline can read: there is nothing secret in it.
 */
export interface Ticket {
  readonly parentProject: string;
  readonly pipelineId: string;
  readonly workflowId: string;
  readonly workspaceId: string;
  /** Name of the parent's approval job; empty where the parent polls. */
  readonly hold: string;
  readonly receipt: string;
  readonly childProject: string;
  readonly nonce: string;
  /** Seconds since 1970: CircleCI cancels a hold by itself after 90 days. */
  readonly expires: number;
  /** Eight hexadecimal digits for each project above the parent, oldest first. */
  readonly ancestors: readonly string[];
}

/** A pipeline parameter may be that long. */
const longest = 512;

/** One-letter keys, since every byte counts; `k` is a checksum over the others. */
const Payload = v.object({
  p: v.string(),
  i: v.string(),
  w: v.string(),
  s: v.string(),
  h: v.string(),
  r: v.string(),
  c: v.string(),
  n: v.string(),
  e: v.pipe(v.number(), v.minValue(0)),
  a: v.array(v.string()),
  k: v.string(),
});

/** `cb1.<base64url of JSON>`, with a secret `.<base64url of HMAC-SHA256>` over all before it. Throws `ticket.invalid` where it would be longer than a parameter may be. */
export function encodeTicket(ticket: Ticket, secret: Secret | null = null): string {
  const fields = {
    p: ticket.parentProject,
    i: packId(ticket.pipelineId),
    w: packId(ticket.workflowId),
    s: ticket.workspaceId === ticket.workflowId ? "" : packId(ticket.workspaceId),
    h: ticket.hold,
    r: ticket.receipt,
    c: ticket.childProject,
    n: ticket.nonce,
    e: ticket.expires,
    a: ticket.ancestors,
  };
  const signed = `cb1.${Buffer.from(JSON.stringify({ ...fields, k: checksum(fields) })).toString("base64url")}`;
  const text = secret === null ? signed : `${signed}.${sign(signed, secret)}`;
  if (text.length <= longest) return text;
  throw new UserError(
    "ticket.invalid",
    `The ticket for ${ticket.childProject} has ${text.length} characters; a pipeline parameter may have ${longest}.`,
    { hints: ["Give the approval job and the receipt shorter names."] },
  );
}

/** Throws `ticket.invalid`, with what is wrong, for everything that `encodeTicket` did not make. The signature is not checked. */
export function decodeTicket(text: string): Ticket {
  const [version = "", payload = "", signature = "", ...rest] = text.split(".");
  if (!/^cb\d+$/.test(version)) throw invalid("does not begin with `cb1`");
  if (version !== "cb1") throw invalid(`is of version ${version}, and this orb knows cb1`);
  if (rest.length > 0 || !/^([\w-]{43})?$/.test(signature))
    throw invalid("is cut or altered: it has the wrong parts");
  if (Buffer.from(payload, "base64url").toString("base64url") !== payload) {
    throw invalid("is cut or altered: it has characters that do not belong there");
  }
  const parsed = v.safeParse(Payload, parseJson(Buffer.from(payload, "base64url").toString("utf8")));
  if (!parsed.success) throw invalid("is cut or altered: it cannot be read");
  const { k, ...fields } = parsed.output;
  if (k !== checksum(fields)) throw invalid("is cut or altered: its checksum does not fit");
  const workflowId = unpackId(fields.w);
  return {
    parentProject: fields.p,
    pipelineId: unpackId(fields.i),
    workflowId,
    workspaceId: fields.s === "" ? workflowId : unpackId(fields.s),
    hold: fields.h,
    receipt: fields.r,
    childProject: fields.c,
    nonce: fields.n,
    expires: fields.e,
    ancestors: fields.a,
  };
}

/** Null where the text is no ticket. The signature is not checked. */
export function readTicket(text: string): Ticket | null {
  try {
    return decodeTicket(text);
  } catch {
    return null;
  }
}

export interface TicketPolicy {
  readonly secret: Secret | null;
  readonly requireSignature: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Whether a ticket may be acted upon. Throws `ticket.invalid` for one that is unsigned, forged or expired. */
export function checkTicket(
  text: string,
  { expires }: Ticket,
  { secret, requireSignature, now }: TicketPolicy,
): void {
  const isSigned = text.split(".").length > 2;
  if (secret === null && requireSignature) {
    throw invalid("cannot be checked: `require-signature` is set, but there is no signing secret", [
      "Put the parent's signing secret into a context of this job, as the variable that `signing-secret` names.",
    ]);
  }
  if (secret !== null && !isSigned) {
    throw invalid("is not signed, but there is a signing secret", [shareSecret]);
  }
  if (secret !== null && isSigned && !isSignedWith(text, secret)) {
    throw invalid("has a signature that does not fit: it is altered, or signed with another secret", [
      shareSecret,
      passOn,
    ]);
  }
  if (expires * 1000 < now) {
    throw invalid(`expired on ${new Date(expires * 1000).toISOString()}`, [
      "Let the parent trigger a new pipeline: a hold lives for 90 days, and its ticket no longer.",
    ]);
  }
}

export function isSignedWith(text: string, secret: Secret): boolean {
  const end = text.lastIndexOf(".");
  return isEqual(text.slice(end + 1), sign(text.slice(0, end), secret));
}

function sign(text: string, secret: Secret): string {
  return createHmac("sha256", secret.reveal()).update(text).digest("base64url");
}

function isEqual(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

/** The same for a step that is run again by itself in its job, another for every other trigger. */
export function makeNonce(workflowId: string, job: string, receipt: string): string {
  return createHash("sha256")
    .update(JSON.stringify([workflowId, job, receipt]))
    .digest()
    .subarray(0, 16)
    .toString("base64url");
}

const passOn =
  "Pass it on unchanged: `ticket: << pipeline.parameters.circleback >>`, with `circleback` declared as a string parameter of the pipeline.";

const shareSecret =
  "Give the parent's trigger-and-wait the same signing secret as this job: the same value in a context of each.";

function invalid(what: string, hints: readonly string[] = [passOn]): UserError {
  return new UserError("ticket.invalid", `The ticket ${what}.`, { hints });
}

/** Against slips, not against forgers: whoever can set a parameter can also compute it. */
function checksum(fields: object): string {
  return createHash("sha256").update(JSON.stringify(fields)).digest("base64url").slice(0, 6);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A UUID's 36 characters in 22. */
function packId(id: string): string {
  return Buffer.from(id.replaceAll("-", ""), "hex").toString("base64url");
}

function unpackId(packed: string): string {
  const hex = Buffer.from(packed, "base64url").toString("hex");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
