import { UserError } from "../errors.ts";
import { NoAnswer } from "../host/request.ts";

/** As a `UserError`, where a call got no answer; any other error stays what it is. `variable` names the endpoint, if any. */
export function explainSilence(error: unknown, call: string, url: string, variable: string | null): unknown {
  if (!(error instanceof NoAnswer)) return error;
  const host = new URL(url).host;
  return new UserError("aws.failed", `${call} got no answer from ${host}: ${error.message}.`, {
    hints: [
      `Check that ${host} is right: it comes from ${variable ?? "the region, and from AWS_USE_FIPS_ENDPOINT or AWS_USE_DUALSTACK_ENDPOINT where they are set"}.`,
      "Check that this job's network reaches it; health.aws.amazon.com tells of outages.",
    ],
  });
}
