import { AwsError } from "../ecr-model/aws-error.ts";
import { userCredentials } from "../ecr-model/ecr-model.ts";
import { createFaults, type Fault } from "../ecr-model/faults.ts";
import type { Policy } from "../ecr-model/policy.ts";
import { allowEverywhere, allows } from "../ecr-model/policy.ts";
import { Violation } from "../ecr-model/shapes.ts";
import { type Credentials, verifySignature } from "../ecr-model/signature.ts";
import { createEcsActions, type EcsWorld } from "./actions.ts";
import { checkRequest, isOperation, type Operation, targets } from "./requests.ts";
import { type Behaviour, createScheduler, type ServiceSettings } from "./scheduler.ts";

export interface EcsModelOptions {
  /** In milliseconds since 1970: whose clock it is decides whether time is real. */
  readonly now: () => number;
  /** The one cluster. */
  readonly cluster?: string;
  readonly services: Readonly<Record<string, ServiceSettings>>;
  /** Revisions that are registered from the start, the oldest first; services begin with the last. */
  readonly definitions: readonly Readonly<Record<string, unknown>>[];
  /** Tags of the definitions. */
  readonly tags?: readonly { readonly key: string; readonly value: string }[];
  /** What becomes of tasks of an image; all of them get well where it is left out. */
  readonly behaves?: (image: string) => Behaviour;
  /** What a container that is run as a task on its own exits with, after `taskDuration`. */
  readonly taskExit?: number;
  readonly taskDuration?: number;
  /** How much longer the other containers of such a task run, in milliseconds. */
  readonly others?: number;
  /** The lines that each container has logged, in CloudWatch Logs. */
  readonly logs?: readonly string[];
  readonly allowed?: Policy | readonly string[];
  readonly credentials?: Credentials;
}

export interface EcsModel {
  readonly region: string;
  /** `UpdateService 200`, in the order of their answers. */
  readonly calls: readonly string[];
  /** Bodies of the calls that had an effect, by operation, in their order. */
  readonly bodies: readonly (readonly [Operation, Readonly<Record<string, unknown>>])[];
  readonly permissions: readonly string[];
  readonly world: EcsWorld;
  readonly revisions: ReturnType<typeof createEcsActions>["revisions"];
  fail(fault: Extract<Fault, { action: string }>): void;
  /** One request by its headers and body; null cuts the connection. */
  answer(request: {
    readonly method: string;
    readonly target: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  }): { readonly status: number; readonly body: string } | null;
  /** What callers did against the rules, and planned faults that did not come to pass. */
  complaints(): readonly string[];
}

/** ECS and the log of its containers, as far as a deployment sees them (see FIDELITY.md). */
export function createEcsModel(options: EcsModelOptions): EcsModel {
  const [accountId, region] = ["123456789012", "eu-west-1"];
  const owner = options.credentials ?? userCredentials;
  const known = new Map([[owner.accessKeyId, owner]]);
  const { allowed = null } = options;
  const policy = Array.isArray(allowed) ? allowEverywhere(allowed) : (allowed as Policy | null);
  const calls: string[] = [];
  const bodies: [Operation, Readonly<Record<string, unknown>>][] = [];
  const violations: string[] = [];
  const used = new Set<string>();
  const faults = createFaults();
  const cluster = options.cluster ?? "main";
  const scheduler = createScheduler({
    now: options.now,
    behaves: options.behaves ?? (() => "well"),
    arn: (kind, name) => `arn:aws:ecs:${region}:${accountId}:${kind}/${name}`,
    cluster,
  });
  const world: EcsWorld = { ...options, ...scheduler, cluster, region, accountId };
  const actions = createEcsActions(world);
  for (const [name, settings] of Object.entries(options.services)) {
    scheduler.addService(name, settings, actions.revisions.at(-1)?.arn ?? "");
  }

  function check(action: string, resource: string): void {
    used.add(action);
    if (policy === null || allows(policy, action, resource)) return;
    throw new AwsError(
      "AccessDeniedException",
      `User: arn:aws:iam::${accountId}:user/ci is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
    );
  }

  function perform(operation: Operation, request: Parameters<EcsModel["answer"]>[0]): unknown {
    const service = targets[operation].service;
    if (request.headers["content-type"] !== "application/x-amz-json-1.1") {
      throw new Violation("UnknownOperationException", `Content-Type ${request.headers["content-type"]}`);
    }
    const scope = { region, service, now: options.now() };
    verifySignature(request, known, scope);
    const body = JSON.parse(request.body) as Readonly<Record<string, unknown>>;
    checkRequest(operation, body);
    for (const [action, resource] of actions.permissionsOf(operation, body)) check(action, resource);
    const answer = actions.perform(operation, body);
    if (!/^(Describe|List|Get)/.test(operation)) bodies.push([operation, body]);
    return answer;
  }

  return {
    region,
    calls,
    bodies,
    get permissions() {
      return [...used].sort();
    },
    world,
    revisions: actions.revisions,
    fail: faults.add,
    answer(request) {
      const operation = (request.headers["x-amz-target"] ?? "").split(".")[1] ?? "";
      const fault = faults.takeForAction(operation);
      const refuse = ({ code, message, status }: AwsError) => {
        calls.push(`${operation} ${status} ${code}`);
        return { status, body: JSON.stringify({ __type: code, message }) };
      };
      try {
        if (!isOperation(operation))
          throw new Violation("UnknownOperationException", `Unknown: ${operation}`);
        if (fault === null || fault.after === "accepted") {
          const body = JSON.stringify(perform(operation, request));
          if (fault === null) {
            calls.push(`${operation} 200`);
            return { status: 200, body };
          }
        }
        if (fault.code === undefined) {
          calls.push(`${operation} cut`);
          return null;
        }
        return refuse(new AwsError(fault.code, "This was planned.", fault.status));
      } catch (error) {
        if (error instanceof Violation) violations.push(error.message);
        if (error instanceof AwsError) return refuse(error);
        violations.push(String(error));
        return null;
      }
    },
    complaints: () => [...violations, ...faults.unused()],
  };
}
