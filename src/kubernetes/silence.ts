import { UserError } from "../errors.ts";
import { NoAnswer } from "../host/request.ts";
import type { Access } from "./access.ts";
import { LostAnswer } from "./lost-answer.ts";

/** Codes of OpenSSL and Node for a certificate that is not good enough (Node's documentation of X509 errors). */
const tlsCodes =
  /^(ERR_TLS_CERT_ALTNAME_INVALID|UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED_CERT|CERT_|INVALID_CA|ERR_OSSL_X509|HOSTNAME_MISMATCH)/;

/** Whether the server showed another certificate than it should have: asking again would not help. */
export function isTlsFailure({ cause }: NoAnswer): boolean {
  return tlsCodes.test(codeOf(cause));
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** As a `UserError`, where a request got no answer; any other error stays what it is. */
export function explainSilence(error: unknown, { server, title }: Access, name: string): unknown {
  if (!(error instanceof NoAnswer)) return error;
  if (isTlsFailure(error)) {
    return new UserError(
      "cluster.ca-mismatch",
      `${server} does not prove that it is ${title}: ${error.message} (${codeOf(error.cause)}).`,
      {
        hints: [
          "Check the address and the certificate authority in the kubeconfig: both must be of the same cluster. Nothing secret was sent.",
        ],
      },
    );
  }
  return new LostAnswer("cluster.unreachable", `${name} got no answer from ${server}: ${error.message}.`, {
    hints: [
      `Check that this job's network reaches ${new URL(server).host}: a private endpoint needs a self-hosted runner, and proxies are not used here.`,
    ],
  });
}
