/** What a verdict needs to know of a workflow. */
export interface JudgedWorkflow {
  readonly id: string;
  readonly name: string;
  readonly status: string | null;
  readonly tag: string | null;
  readonly created_at: string;
}

/** How a workflow can end, worst first. */
const endings = ["error", "failed", "unauthorized", "canceled", "not_run", "success"] as const;
export type Ending = (typeof endings)[number];

export interface Verdict<W extends JudgedWorkflow> {
  /** Null while any workflow is still under way; else the worst of their ends. */
  readonly result: Ending | null;
  /** The newest run of each workflow, without setup workflows. */
  readonly workflows: readonly W[];
}

/** The real result of a pipeline. No workflow at all is no end: the caller knows how long to wait for one. */
export function judge<W extends JudgedWorkflow>(all: readonly W[]): Verdict<W> {
  const workflows = newestRuns(all.filter((workflow) => workflow.tag !== "setup"));
  const isOver = workflows.length > 0 && workflows.every(({ status }) => isEnding(status));
  const result = endings.find((ending) => workflows.some(({ status }) => status === ending));
  return { result: isOver ? (result ?? null) : null, workflows };
}

/** A status that nobody has heard of is no end. */
export function isEnding(status: string | null): status is Ending {
  return endings.some((ending) => ending === status);
}

export const endingNames: readonly string[] = endings;

/** A rerun is a new workflow of the same name in the same pipeline, and replaces the older one. */
function newestRuns<W extends JudgedWorkflow>(workflows: readonly W[]): readonly W[] {
  const newest = new Map<string, W>();
  for (const workflow of workflows) {
    const other = newest.get(workflow.name);
    if (other === undefined || Date.parse(workflow.created_at) > Date.parse(other.created_at)) {
      newest.set(workflow.name, workflow);
    }
  }
  return [...newest.values()];
}
