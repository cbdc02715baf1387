import { type PlacedJob, placeJobs } from "./names.ts";
import type { Report, RequestReport } from "./report.ts";

export interface Caller {
  /** Null: no job of this run. */
  readonly by: PlacedJob | null;
  readonly requests: readonly RequestReport[];
}

/** Who made which API calls; jobs in the order of the report, everybody else last. */
export function groupByCaller(report: Report): readonly Caller[] {
  const placed = placeJobs(report);
  const calls = new Map<string | null, RequestReport[]>([...placed.keys()].map((id) => [id, []]));
  const outside: RequestReport[] = [];
  for (const request of report.requests) (calls.get(request.job) ?? outside).push(request);
  const callers: Caller[] = [...placed].map(([id, by]) => ({ by, requests: calls.get(id) ?? [] }));
  return [...callers, { by: null, requests: outside }].filter(({ requests }) => requests.length > 0);
}
