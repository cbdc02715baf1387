import { AwsError } from "./aws-error.ts";
import { allows, type Policy } from "./policy.ts";

/** What the caller may do, as an identity-based policy says it; everything where there is none. */
export interface Access {
  /** Notes that the action was wanted; throws where it is not allowed. */
  check(action: string, repository?: string): void;
  /** Every action that was wanted so far, sorted: what a policy must hold. */
  readonly used: readonly string[];
}

export function createAccess(
  policy: Policy | null,
  { accountId, region }: { readonly accountId: string; readonly region: string },
): Access {
  const used = new Set<string>();
  return {
    check(action, repository) {
      used.add(action);
      const resource =
        repository === undefined ? "*" : `arn:aws:ecr:${region}:${accountId}:repository/${repository}`;
      if (policy === null || allows(policy, action, resource)) return;
      throw new AwsError(
        "AccessDeniedException",
        `User: arn:aws:iam::${accountId}:user/ci is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`,
      );
    },
    get used() {
      return [...used].sort();
    },
  };
}
