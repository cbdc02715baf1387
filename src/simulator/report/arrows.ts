import type { JobReport, PipelineReport, Report, RequestReport } from "./report.ts";

/** A job that called, and what its call did. Times are milliseconds since the run began. */
export type Arrow =
  | {
      readonly kind: "trigger";
      readonly job: string;
      readonly calledAt: number;
      readonly pipeline: string;
      readonly at: number;
    }
  | {
      readonly kind: "circle-back";
      readonly job: string;
      readonly calledAt: number;
      readonly hold: string;
      readonly at: number;
    };

/** How far the call and its effect may lie apart; more than that, and something else was the cause. */
const longestGap = 1000;
/** The call is noted and its effect is timed by two clock readings, in either order. */
const clockSlack = 50;

/** Finds by project, order and time which job triggered which pipeline, and which job approved which hold. */
export function findArrows(report: Report): readonly Arrow[] {
  return [...findTriggers(report), ...findCircleBacks(report)];
}

function findTriggers(report: Report): readonly Arrow[] {
  const start = Date.parse(report.started_at);
  const posts = likelyCauses(report, 201).flatMap((request) => {
    const project = triggeredProject(request);
    return project === null ? [] : [{ request, project }];
  });
  const taken = new Set<RequestReport>();
  return sortBy(report.pipelines, receivedAt).flatMap((pipeline): readonly Arrow[] => {
    const at = receivedAt(pipeline) - start;
    const cause = posts.find(
      ({ request, project }) =>
        project === pipeline.project && !taken.has(request) && isCause(request.at_ms, at),
    )?.request;
    if (cause === undefined) return [];
    taken.add(cause);
    if (cause.job === null) return [];
    return [{ kind: "trigger", job: cause.job, calledAt: cause.at_ms, pipeline: pipeline.id, at }];
  });
}

function findCircleBacks(report: Report): readonly Arrow[] {
  const start = Date.parse(report.started_at);
  const approvals = likelyCauses(report, 202);
  return approvedHolds(report).flatMap(({ hold, stoppedAt }): readonly Arrow[] => {
    const at = stoppedAt - start;
    const cause = approvals.find(
      (request) => approvedHold(request) === hold.id && isCause(request.at_ms, at),
    );
    if (cause === undefined || cause.job === null) return [];
    return [{ kind: "circle-back", job: cause.job, calledAt: cause.at_ms, hold: hold.id, at }];
  });
}

function approvedHolds(report: Report): readonly { readonly hold: JobReport; readonly stoppedAt: number }[] {
  return report.pipelines
    .flatMap((pipeline) => pipeline.workflows.flatMap((workflow) => workflow.jobs))
    .flatMap((hold) =>
      hold.type === "approval" && hold.approved_by !== null && hold.stopped_at !== null
        ? [{ hold, stoppedAt: Date.parse(hold.stopped_at) }]
        : [],
    );
}

/** Accepted calls in their order, then those whose answer a fault replaced: they may have taken effect all the same. */
function likelyCauses(report: Report, accepted: number): readonly RequestReport[] {
  const posts = report.requests.filter((request) => request.method === "POST");
  return [
    ...posts.filter((request) => request.status === accepted),
    ...posts.filter((request) => request.status !== accepted && request.fault !== null),
  ];
}

function isCause(calledAt: number, effectAt: number): boolean {
  return calledAt <= effectAt + clockSlack && effectAt - calledAt <= longestGap;
}

/** Both forms of the trigger call: `…/pipeline` and `…/pipeline/run`. */
function triggeredProject(request: RequestReport): string | null {
  const match = /^\/api\/v2\/project\/([^?]+)\/pipeline(?:\/run)?(?:\?|$)/.exec(request.path);
  return decode(match?.[1]);
}

function approvedHold(request: RequestReport): string | null {
  return decode(/^\/api\/v2\/workflow\/[^/?]+\/approve\/([^/?]+)(?:\?|$)/.exec(request.path)?.[1]);
}

function decode(text: string | undefined): string | null {
  if (text === undefined) return null;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function receivedAt(pipeline: PipelineReport): number {
  return Date.parse(pipeline.trigger.received_at);
}

function sortBy<Item>(items: readonly Item[], key: (item: Item) => number): readonly Item[] {
  return [...items].sort((one, other) => key(one) - key(other));
}
