import type { Reply } from "../host/request.ts";

/** What AWS says when it refuses a call. */
export interface Fault {
  readonly status: number;
  /** `RepositoryNotFoundException`; empty where the answer has none. */
  readonly code: string;
  readonly message: string;
}

/** Of the JSON protocol, where the code stands in the body or in a header, with a name space before it or a link behind. */
export function readJsonFault({ status, headers, text }: Reply): Fault {
  const body = parseObject(text);
  const code = headers.get("x-amzn-errortype") ?? body.__type ?? body.code ?? "";
  const message = body.message ?? body.Message ?? text.slice(0, 300);
  return { status, code: String(code).replace(/^.*#/, "").replace(/:.*$/s, ""), message: String(message) };
}

/** Of the query protocol, which answers in XML. */
export function readXmlFault({ status, text }: Reply): Fault {
  return {
    status,
    code: readElement(text, "Code") ?? "",
    message: readElement(text, "Message") ?? text.slice(0, 300),
  };
}

const entities: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&apos;": "'",
  "&amp;": "&",
};

/** The text of the first element of that name, or null. */
export function readElement(xml: string, name: string): string | null {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return text?.replace(/&\w+;/g, (entity) => entities[entity] ?? entity).trim() ?? null;
}

const throttles = [
  "Throttling",
  "ThrottlingException",
  "ThrottledException",
  "RequestThrottled",
  "RequestThrottledException",
  "RequestLimitExceeded",
  "TooManyRequestsException",
  "SlowDown",
];

/** Why a refused call is worth another try, or null. */
export function transientProblem({ status, code }: Fault): string | null {
  if (throttles.includes(code) || status === 429) return `was throttled (${code || status})`;
  return status >= 500 ? `was answered ${status}` : null;
}

/** Codes that say that the credentials were good once. */
export function isExpiry({ code }: Fault): boolean {
  return ["ExpiredTokenException", "ExpiredToken"].includes(code);
}

/** What says that the time in a request is not AWS's own: a signature bears the time, and lives for minutes. */
export function isClockSkew({ code, message }: Fault): boolean {
  return (
    ["RequestExpired", "RequestTimeTooSkewed"].includes(code) ||
    /^signature (expired|not yet current)/i.test(message)
  );
}

/** `400 SomeException: "what AWS says"`, as far as there is any of it. */
export function describeFault({ status, code, message }: Fault): string {
  return `${status}${code && ` ${code}`}${message ? `: "${message}"` : ", and nothing more"}`;
}

const refusals = [
  "AccessDenied",
  "AccessDeniedException",
  "UnauthorizedOperation",
  "UnrecognizedClientException",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
  "IncompleteSignature",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
  "InvalidIdentityToken",
  "OptInRequired",
];

/** Codes that say who may do what, or that nobody knows who calls. */
export function isRefusal(fault: Fault): boolean {
  return refusals.includes(fault.code) || isExpiry(fault) || fault.status === 401 || fault.status === 403;
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
