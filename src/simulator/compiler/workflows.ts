import { checkReachable, dropFiltered, type LinkedJob, linkJobs } from "./dependencies.ts";
import { scopeOf } from "./interpolate.ts";
import type { Library } from "./library.ts";
import { evaluateCondition } from "./logic.ts";
import type { Place, Problems } from "./problems.ts";
import { checkKeys, Entries, expectList, expectMap } from "./shape.ts";
import { entryOf, isList, isMap, type Value, type ValueMap } from "./value.ts";
import { type DraftJob, expandWorkflowJob } from "./workflow-job.ts";

export interface ExpandedWorkflow {
  readonly name: string;
  readonly maxAutoReruns: number;
  /** All of them, for the compiled document. */
  readonly jobs: readonly LinkedJob[];
  /** Those that run for this branch or tag. */
  readonly running: readonly LinkedJob[];
}

/** Expands the workflows whose condition holds. The others are not even checked, as in the real service. */
export function expandWorkflows(
  section: ValueMap,
  library: Library,
  place: Place,
  problems: Problems,
): readonly ExpandedWorkflow[] {
  return Object.entries(section)
    .filter(([name]) => name !== "version")
    .flatMap(
      ([name, body]) =>
        problems.attempt(() => expandWorkflow(name, body, library, place.at(name), problems)) ?? [],
    );
}

const workflowKeys = ["jobs", "when", "unless", "triggers", "max_auto_reruns", "description"];

function expandWorkflow(
  name: string,
  body: Value,
  library: Library,
  place: Place,
  problems: Problems,
): readonly ExpandedWorkflow[] {
  const map = expectMap(body, place, problems);
  if (!checkKeys(map, workflowKeys, ["jobs"], place, problems)) return problems.abandon();
  const calling = place.calling("workflow", name);
  if (!isWanted(map, library, calling, problems)) return [];
  const entries = expectList(map.jobs, place.at("jobs"), problems);
  const before = problems.reported;
  const drafts = entries.flatMap(
    (entry, index) =>
      problems.attempt(() => expandWorkflowJob(entry, library, calling.at("jobs", index), problems)) ?? [],
  );
  // A job that could not be expanded would be missed by those that require it.
  if (problems.reported > before) return problems.abandon();
  checkApprovals(drafts, problems);
  const jobs = linkJobs(name, drafts, problems);
  checkReachable(jobs, place, problems);
  const maxAutoReruns = new Entries(map, place, problems).integer("max_auto_reruns", 1, 5) ?? 0;
  return [{ name, maxAutoReruns, jobs, running: dropFiltered(jobs) }];
}

/** A workflow with a schedule runs on that alone, never for a push or an API call. */
function isWanted(map: ValueMap, library: Library, place: Place, problems: Problems): boolean {
  const triggers = entryOf(map, "triggers") ?? null;
  if (triggers !== null) {
    const valid =
      isList(triggers) && triggers.every((item) => isMap(item) && isMap(entryOf(item, "schedule")));
    if (!valid) problems.fail(place.at("triggers"), "required key [schedule] not found");
    if (isList(triggers) && triggers.length > 0) return false;
  }
  const scope = scopeOf(library);
  const when =
    !Object.hasOwn(map, "when") || evaluateCondition(map.when ?? null, scope, place.at("when"), problems);
  const unless =
    Object.hasOwn(map, "unless") &&
    evaluateCondition(map.unless ?? null, scope, place.at("unless"), problems);
  return when && !unless;
}

function checkApprovals(drafts: readonly DraftJob[], problems: Problems): void {
  for (const draft of drafts) {
    const isTaken = drafts.some((other) => other !== draft && other.wanted === draft.wanted);
    if (draft.type === "approval" && isTaken) {
      problems.report(
        draft.place,
        `The name of approval job '${draft.wanted}' must be unique in its workflow`,
      );
    }
  }
}
