import { type Call, type Callback, holdJob, slugOf } from "./world.ts";

/** What a plan's calls and callbacks give to circleback's parameters; the ticket comes from elsewhere. */
export type Arguments = Readonly<Record<string, string>>;

export function triggerArguments(call: Call): Arguments {
  return {
    project: slugOf(call.project),
    branch: call.branch,
    parameters: "from-job=${CIRCLE_WORKFLOW_JOB_ID}",
    wait: String(call.wait !== "no"),
    "approval-job": call.wait === "hold" ? holdJob(call) : "",
    receipt: call.receipt,
    "ticket-parameter": call.ticket ? "circleback" : "",
    "max-depth": String(call.maxDepth),
    "on-rerun": call.onRerun,
    "cancel-child": String(call.cancelChild),
    "cancel-on-timeout": String(call.cancelOnTimeout),
    timeout: `${call.timeout / 1000}s`,
    ...(call.wait === "poll" && judging(call)),
  };
}

/** The calls of one check are judged alike, as the first of them says. */
export function checkArguments([head, ...others]: readonly [Call, ...Call[]]): Arguments {
  return {
    receipts: [head, ...others].map(({ receipt }) => receipt).join(","),
    "allow-early-approval": String(head.allowEarlyApproval),
    ...judging(head),
  };
}

export function callbackArguments({ onFailure, timeout, requireSignature }: Callback): Arguments {
  return {
    "on-failure": onFailure,
    timeout: `${timeout / 1000}s`,
    "require-signature": String(requireSignature),
  };
}

function judging({ childWorkflows, successOn, softFail }: Call): Arguments {
  return { "child-workflows": childWorkflows, "success-on": successOn, "soft-fail": String(softFail) };
}
