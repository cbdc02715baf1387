/** Something that goes wrong once, or a few times. The first that matches and is left is taken. */
export type Fault =
  | {
      /** An action of ECR or STS. */
      readonly action: string;
      readonly times?: number;
      /** The error's code, such as ThrottlingException; the connection is cut where there is none. */
      readonly code?: string;
      readonly status?: number;
      /** The call takes effect all the same; only its answer is lost. */
      readonly after?: "accepted";
    }
  | {
      /** A request to the registry: `PUT /v2/app/manifests/1.0`. */
      readonly request: RegExp;
      readonly times?: number;
      readonly status: number;
    };

export interface Faults {
  add(fault: Fault): void;
  takeForAction(action: string): Extract<Fault, { action: string }> | null;
  takeForRequest(request: string): Extract<Fault, { request: RegExp }> | null;
  /** Those that never came to pass, or not as often as they should have. */
  unused(): readonly string[];
}

export function createFaults(): Faults {
  const plans: { readonly fault: Fault; left: number }[] = [];
  const take = <Kind extends Fault>(isMeant: (fault: Fault) => fault is Kind): Kind | null => {
    for (const plan of plans) {
      if (plan.left === 0 || !isMeant(plan.fault)) continue;
      plan.left -= 1;
      return plan.fault;
    }
    return null;
  };
  return {
    add(fault) {
      plans.push({ fault, left: fault.times ?? 1 });
    },
    takeForAction: (action) =>
      take(
        (fault): fault is Extract<Fault, { action: string }> => "action" in fault && fault.action === action,
      ),
    takeForRequest: (request) =>
      take(
        (fault): fault is Extract<Fault, { request: RegExp }> =>
          "request" in fault && fault.request.test(request),
      ),
    unused: () =>
      plans
        .filter(({ left }) => left > 0)
        .map(
          ({ fault }) =>
            `${"action" in fault ? fault.action : fault.request} did not fail as often as planned`,
        ),
  };
}
