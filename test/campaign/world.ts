import * as v from "valibot";

/**
 * Everything that a run of the campaign is made of: projects, what goes wrong, and what people do. The same
 * world always runs alike. Written as a file it has durations as text (`12.5s`); here they are milliseconds.
 */

const duration = v.pipe(
  v.string(),
  v.regex(/^\d+(\.\d+)?s$/),
  v.transform((text) => Math.round(Number.parseFloat(text) * 1000)),
);

const names = v.optional(v.array(v.string()), []);
const off = v.optional(v.boolean(), false);
const on = v.optional(v.boolean(), true);

const Work = v.strictObject({
  name: v.string(),
  /** Jobs that must succeed first. */
  after: names,
  takes: duration,
  /** How its first, second … run in a pipeline ends; the last entry counts for all later ones. */
  ends: v.optional(v.array(v.picklist(["success", "failed", "infrastructure_fail"])), ["success"]),
  /** It needs a context that the bot may not use. */
  restricted: off,
});

/** An approval job that circleback has nothing to do with. */
const Gate = v.strictObject({ name: v.string(), after: names });

const Call = v.strictObject({
  /** The child. */
  project: v.string(),
  receipt: v.string(),
  /** What its jobs are called after where another call has a receipt of the same name; empty: the receipt. */
  label: v.optional(v.string(), ""),
  after: names,
  wait: v.optional(v.picklist(["hold", "poll", "no"]), "hold"),
  branch: v.optional(v.string(), ""),
  ticket: on,
  maxDepth: v.optional(v.number(), 5),
  onRerun: v.optional(v.picklist(["reuse", "rerun-failed", "new"]), "reuse"),
  cancelChild: off,
  cancelOnTimeout: off,
  timeout: v.optional(duration, "3600s"),
  childWorkflows: v.optional(v.string(), ""),
  successOn: v.optional(v.string(), "success"),
  softFail: off,
  allowEarlyApproval: on,
  /** How often CircleCI runs the step again when it has failed (`max_auto_reruns` of a step). */
  stepReruns: v.optional(v.number(), 0),
});

const Callback = v.strictObject({
  name: v.optional(v.string(), "callback"),
  /** Name of the job that calls back as its last step; null: a job of its own does. */
  in: v.optional(v.nullable(v.string()), null),
  requires: v.optional(v.picklist(["terminal", "success"]), "terminal"),
  onFailure: v.optional(v.picklist(["approve", "cancel", "leave"]), "approve"),
  timeout: v.optional(duration, "300s"),
  stepReruns: v.optional(v.number(), 0),
  requireSignature: off,
});

const WorkflowPlan = v.strictObject({
  name: v.string(),
  maxAutoReruns: v.optional(v.number(), 0),
  works: v.optional(v.array(Work), []),
  gates: v.optional(v.array(Gate), []),
  calls: v.optional(v.array(Call), []),
  /** One check-status for each hold, or one for all of them. */
  checks: v.optional(v.picklist(["each", "together"]), "each"),
  callback: v.optional(v.nullable(Callback), null),
});

const ProjectPlan = v.strictObject({
  name: v.string(),
  /** Its configuration does not compile. */
  broken: off,
  /** A setup workflow comes first. */
  dynamic: off,
  workflows: v.optional(v.array(WorkflowPlan), []),
});

export const operations = {
  trigger: ["POST", "/api/v2/project/gh/acme/*/pipeline"],
  approve: ["POST", "/api/v2/workflow/*/approve/*"],
  "cancel-job": ["POST", "/api/v2/jobs/*/cancel"],
  "cancel-workflow": ["POST", "/api/v2/workflow/*/cancel"],
  rerun: ["POST", "/api/v2/workflow/*/rerun"],
  pipelines: ["GET", "/api/v2/project/gh/acme/*/pipeline"],
  pipeline: ["GET", "/api/v2/pipeline/*"],
  values: ["GET", "/api/v2/pipeline/*/values"],
  workflows: ["GET", "/api/v2/pipeline/*/workflow"],
  workflow: ["GET", "/api/v2/workflow/*"],
  jobs: ["GET", "/api/v2/workflow/*/job"],
  artifacts: ["GET", "/api/v2/project/gh/acme/*/*/artifacts"],
  receipt: ["GET", "/output/job/*/artifacts/0/circleback/*"],
  note: ["GET", "/output/job/*/artifacts/0/circleback/callback/*"],
} as const;

export type Operation = keyof typeof operations;

export const operationNames = Object.keys(operations) as Operation[];

const FaultPlan = v.strictObject({
  on: v.picklist(operationNames),
  /** Meets the requests of jobs of this name only; null: everybody's. */
  job: v.optional(v.nullable(v.string()), null),
  /** So many such requests are spared first. */
  skip: v.optional(v.number(), 0),
  times: v.optional(v.number(), 1),
  effect: v.picklist(["lost-answer", "lost-request", "500", "503-after", "429", "stale", "slow", "404"]),
  /** How old a stale answer is, or how long a slow one takes, or a 429 asks to wait. */
  amount: v.optional(duration, "5s"),
});

const EventPlan = v.strictObject({
  /** Null: counted from the start. A job that gets into this state, counted once for each job. */
  when: v.optional(
    v.nullable(
      v.strictObject({
        project: v.string(),
        job: v.string(),
        status: v.string(),
        nth: v.optional(v.number(), 1),
      }),
    ),
    null,
  ),
  delay: v.optional(duration, "0s"),
  do: v.picklist([
    "cancel-workflow",
    "cancel-job",
    "approve",
    "rerun",
    "rerun-from-failed",
    "rerun-job",
    "copy-pipeline",
    "lose-machine",
    /** Of the trigger job: a pipeline of its child's project gets a ticket such as it sends, unsigned. */
    "forge-ticket",
    "sweep",
  ]),
  project: v.string(),
  workflow: v.optional(v.string(), ""),
  job: v.optional(v.string(), ""),
  /** The nth pipeline of the project from the newest. */
  pipeline: v.optional(v.number(), 1),
  /** As the token's own user only tickets are forged, and only in a world where they are signed. */
  as: v.optional(v.picklist(["anna", "bert", "carl", "release-bot"]), "anna"),
});

export const World = v.strictObject({
  /** Of ids, latencies and jitter. */
  seed: v.number(),
  /** When a person starts the first project. */
  starts: v.optional(v.array(duration), ["0s"]),
  /** The first one is nobody's child. */
  projects: v.array(ProjectPlan),
  signed: off,
  faults: v.optional(v.array(FaultPlan), []),
  events: v.optional(v.array(EventPlan), []),
  /** When a sweep runs beside everything else; another follows at the end in any case. */
  sweeps: v.optional(v.array(duration), []),
});

export type World = v.InferOutput<typeof World>;
export type ProjectPlan = v.InferOutput<typeof ProjectPlan>;
export type WorkflowPlan = v.InferOutput<typeof WorkflowPlan>;
export type Work = v.InferOutput<typeof Work>;
export type Call = v.InferOutput<typeof Call>;
export type Callback = v.InferOutput<typeof Callback>;
export type FaultPlan = v.InferOutput<typeof FaultPlan>;
export type EventPlan = v.InferOutput<typeof EventPlan>;

export const firstProject = "a";
export const slugOf = (project: string) => `gh/acme/${project}`;

/** Names of the jobs that a call makes. */
export const triggerJob = ({ label, receipt }: Call) => `trigger-${label || receipt}`;
export const holdJob = ({ label, receipt }: Call) => `wait-${label || receipt}`;
export const checkJob = ({ label, receipt }: Call) => `check-${label || receipt}`;

/** The job by which the result of a call is known, which others can come after; null: there is none. */
export function resultJob(
  { calls, checks }: Pick<WorkflowPlan, "calls" | "checks">,
  call: Call,
): string | null {
  if (call.wait === "no") return null;
  if (call.wait === "poll") return triggerJob(call);
  const head = checks === "each" ? call : calls.find(({ wait }) => wait === "hold");
  return head === undefined ? null : checkJob(head);
}

/** The calls of each check-status of a workflow. */
export function listChecks({ calls, checks }: WorkflowPlan): readonly (readonly [Call, ...Call[]])[] {
  const [first, ...others] = calls.filter(({ wait }) => wait === "hold");
  if (first === undefined) return [];
  return checks === "together" ? [[first, ...others]] : [first, ...others].map((call) => [call]);
}
