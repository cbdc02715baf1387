import * as v from "valibot";
import { UserError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { NoAnswer, type Reply, sendPatiently } from "../host/request.ts";
import type { CredentialStore } from "./credentials.ts";
import {
  describeFault,
  type Fault,
  isClockSkew,
  isExpiry,
  isRefusal,
  readJsonFault,
  transientProblem,
} from "./fault.ts";
import { endpointOf, endpointVariable, type Service } from "./region.ts";
import { type Signable, signRequest } from "./sign.ts";
import { explainSilence } from "./silence.ts";

/** AWS has refused a call for a reason that the caller may know what to do with. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(`${fault.code}: ${fault.message}`);
    this.fault = fault;
  }
}

/** What a call was to do may have been done: the answer to a try of it is lost, or none of AWS's own. */
export class LostAnswer extends UserError {}

/** Of an operation that does more, each time it is asked. */
interface Repeats {
  /** False: what may have been done is not asked for again. */
  readonly isRepeatable?: boolean;
  /** Told of each try that may have been done without an answer of AWS. */
  readonly onLost?: () => void;
}

/**
 * Calls one operation, and answers what it says. `expected` are codes that are thrown as `Refused`; anything else than
 * success is a `UserError`, `aws.unauthorized` or `aws.failed`, and a `LostAnswer` where it may have been done.
 */
export type AwsCall = <S extends v.GenericSchema>(
  operation: string,
  body: Readonly<Record<string, unknown>>,
  schema: S,
  expected?: readonly string[],
  repeats?: Repeats,
) => Promise<v.InferOutput<S>>;

export interface JsonService {
  readonly service: Service;
  /** What stands before an operation's name: AWS's model of the service says it as `targetPrefix`. */
  readonly target: string;
  readonly region: string;
}

/** A service that speaks AWS's JSON protocol, version 1.1. */
export function createAwsCall(
  host: Host,
  { service, target, region }: JsonService,
  credentials: CredentialStore,
): AwsCall {
  const url = endpointOf(service, region, host.env);

  return async (operation, body, schema, expected = [], repeats = {}) => {
    const headers = {
      "Content-Type": "application/x-amz-json-1.1",
      "X-Amz-Target": `${target}.${operation}`,
    };
    const request = { url, headers, body: JSON.stringify(body) };
    return callOnce(host, { service, region, operation, request, schema, expected, repeats }, credentials);
  };
}

interface Call<S extends v.GenericSchema> {
  readonly service: Service;
  readonly region: string;
  readonly operation: string;
  readonly request: Signable;
  readonly schema: S;
  readonly expected: readonly string[];
  readonly repeats?: Repeats;
}

/** As an `AwsCall`, for a request that is already made. */
export async function callOnce<S extends v.GenericSchema>(
  host: Host,
  { service, region, operation, request, schema, expected, repeats = {} }: Call<S>,
  credentials: CredentialStore,
): Promise<v.InferOutput<S>> {
  const name = `${service.toUpperCase()} ${operation}`;
  let mayBeDone = false;
  const lose = () => {
    mayBeDone = true;
    repeats.onLost?.();
  };
  const send = (): Promise<Reply> => {
    const sent = sendPatiently(host, {
      name,
      prepare: async () =>
        signRequest(request, await credentials.get(), { service, region, now: host.clock.now() }),
      problemOf: (outcome) => {
        const isLost = outcome instanceof NoAnswer ? !outcome.unsent : outcome.status >= 500;
        if (isLost) lose();
        if (isLost && repeats.isRepeatable === false) return null;
        if (outcome instanceof NoAnswer) return `got no answer (${outcome.message})`;
        return outcome.status === 200 ? null : transientProblem(readJsonFault(outcome));
      },
      tries: 5,
    });
    return sent.catch((error: unknown) => {
      throw explainSilence(error, name, request.url, endpointVariable(service, host.env));
    });
  };

  try {
    let reply = await send();
    if (reply.status !== 200 && isExpiry(readJsonFault(reply)) && credentials.canRenew()) {
      credentials.drop();
      reply = await send();
    }
    const fault = readJsonFault(reply);
    if (expected.includes(fault.code) && reply.status !== 200) throw new Refused(fault);
    // Without a code it is none of AWS's own, but of somebody on the way.
    mayBeDone ||= reply.status === 200 || fault.code === "";
    if (reply.status === 200) return decode(schema, reply.text, name, request.url);
    throw explainFault(fault, service, operation, request.url, reply.headers.get("retry-after"));
  } catch (error) {
    if (!mayBeDone || !(error instanceof UserError)) throw error;
    throw new LostAnswer(error.code, error.message, { hints: error.hints, cause: error.cause });
  }
}

function explainFault(
  fault: Fault,
  service: Service,
  operation: string,
  url: string,
  retryAfter: string | null,
): UserError {
  const sentence = `${service.toUpperCase()} ${operation} was answered ${describeFault(fault)}.`;
  if (isClockSkew(fault)) {
    return new UserError("aws.unauthorized", sentence, {
      hints: ["Set this machine's clock right: AWS takes a signature for five minutes."],
    });
  }
  if (isExpiry(fault)) {
    return new UserError("aws.unauthorized", sentence, {
      hints: ["The session's credentials have expired: obtain new ones shortly before this step."],
    });
  }
  if (fault.code.startsWith("AccessDenied")) {
    // It may be another one that is missing, such as iam:PassRole.
    const [, action = `${service}:${operation}`] =
      /not authorized to perform: (\w+:\w+)/.exec(fault.message) ?? [];
    return new UserError("aws.unauthorized", sentence, {
      hints: [`Allow ${action} in the policy of that user or role.`],
    });
  }
  if (isRefusal(fault)) {
    return new UserError("aws.unauthorized", sentence, {
      hints: ["Check the access key, its secret and the session token: they must belong together."],
    });
  }
  const wait =
    retryAfter === null ? [] : [`The answer asks to wait before another try: ${retryAfter} (Retry-After).`];
  return new UserError("aws.failed", sentence, { hints: [sentTo(url), ...wait] });
}

function sentTo(url: string): string {
  return `It was sent to ${new URL(url).host}.`;
}

/** The answer may hold a password: an error names the place in it, never what stands there. */
function decode<S extends v.GenericSchema>(
  schema: S,
  text: string,
  call: string,
  url: string,
): v.InferOutput<S> {
  const result = v.safeParse(schema, parseJson(text));
  if (result.success) return result.output;
  const place = v.getDotPath(result.issues[0]) ?? "all of it";
  throw new UserError("aws.failed", `${call} was answered in an unknown form (${place}).`, {
    hints: [sentTo(url)],
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
