import type { Random } from "./random.ts";
import { type Call, type ProjectPlan, resultJob, triggerJob, type Work, type WorkflowPlan } from "./world.ts";

interface Needs {
  /** Names of the projects to call. */
  readonly children: readonly string[];
  readonly works: readonly Work[];
  readonly checks: WorkflowPlan["checks"];
}

/** The calls of a workflow: side by side, one after the other's result, one child twice, two receipts of one name. */
export function makeCalls(random: Random, { children, works, checks }: Needs): Call[] {
  const calls = children.map((child) => makeCall(random, child, child, works));
  const [first] = calls;
  if (first !== undefined && random.chance(0.1)) {
    calls.push(makeCall(random, first.project, "again", works));
  }
  if (first !== undefined && random.chance(0.08)) calls.push(makeTwin(random, first, children, works));
  return calls.map((call, place) => {
    const before = calls[place - 1];
    if (before === undefined || call.label !== "" || !random.chance(0.15)) return call;
    const result = checks === "each" ? resultJob({ calls, checks }, before) : null;
    return result === null ? call : { ...call, after: [result] };
  });
}

/** A second receipt of the same name: of a job beside the first one, or of one that comes after it and sees its receipt. */
function makeTwin(random: Random, first: Call, children: readonly string[], works: readonly Work[]): Call {
  const twin = random.chance(0.5) ? first : makeCall(random, random.pick(children), first.receipt, works);
  return { ...twin, label: "twin", ...(random.chance(0.5) && { after: [triggerJob(first)] }) };
}

/** The last project calls the first one: only the tickets can tell that this would never end. */
export function closeCircle(random: Random, projects: readonly ProjectPlan[]): ProjectPlan[] {
  return projects.map((project, place) => ({
    ...project,
    workflows: project.workflows.map((workflow, position) => {
      const isLast = place === projects.length - 1 && position === 0;
      const back = isLast ? [makeCall(random, "a", "back", workflow.works)] : [];
      return { ...workflow, calls: [...workflow.calls, ...back].map((call) => ({ ...call, ticket: true })) };
    }),
  }));
}

function makeCall(random: Random, project: string, receipt: string, works: readonly Work[]): Call {
  const wait = random.pick(["hold", "hold", "hold", "hold", "poll", "poll", "no"] as const);
  return {
    project,
    receipt,
    label: "",
    after: random.chance(0.3) ? works.slice(0, 1).map(({ name }) => name) : [],
    wait,
    branch: random.pick(["", "", "", "", "", "main", "main", "nowhere, develop"]),
    ticket: wait === "hold" || random.chance(0.6),
    maxDepth: random.chance(0.04) ? 1 : 5,
    onRerun: random.pick(["reuse", "reuse", "rerun-failed", "new"]),
    cancelChild: random.chance(0.4),
    cancelOnTimeout: random.chance(0.3),
    timeout: random.pick([3_600_000, 600_000, random.between(10, 90) * 1000]),
    childWorkflows: random.pick(["", "", "", "", "", "", "", "", "main", "ma*", "extra", "main,extra"]),
    successOn: random.pick(["success", "success", "success", "success, canceled", "success, failed"]),
    softFail: random.chance(0.06),
    allowEarlyApproval: random.chance(0.85),
    stepReruns: random.pick([0, 0, 1, 2]),
  };
}
