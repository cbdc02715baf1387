import { stringify } from "yaml";
import type { CompiledStep } from "../../src/simulator/compiler/compiled-config.ts";

/** A job of a compiled plan, by the name that its workflow gives it. */
export interface PlannedJob {
  readonly name: string;
  readonly steps: readonly CompiledStep[];
}

/**
 * The text in which the service would show a compiled plan. Jobs of different workflows that bear one name and are
 * not the same get numbers, which the jobs of a campaign do not bear: nobody can look those up.
 */
export function printPlan(planned: readonly PlannedJob[]): string {
  const variants = new Map<string, Map<string, unknown>>();
  for (const { name, steps } of planned) {
    const body = { docker: [{ image: "cimg/base:stable" }], steps: steps.map(printStep) };
    variants.set(name, (variants.get(name) ?? new Map()).set(JSON.stringify(body), body));
  }
  const jobs = [...variants].flatMap(([name, bodies]) =>
    [...bodies.values()].map(
      (body, place) => [bodies.size === 1 ? name : `${name}-${place + 1}`, body] as const,
    ),
  );
  return stringify({ version: 2, jobs: Object.fromEntries(jobs) }, { lineWidth: 0, indentSeq: false });
}

function printStep(step: CompiledStep): unknown {
  if (step.kind !== "run") {
    const { kind, ...rest } = step;
    return { [kind]: rest };
  }
  const { name, environment, command } = step;
  return { run: { name, ...(Object.keys(environment).length > 0 && { environment }), command } };
}
