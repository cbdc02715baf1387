import type { JobReport, PipelineReport, Report } from "../../src/simulator/report/report.ts";

const docker = 'docker: [{ image: "cimg/base:stable" }]';

interface ParentOptions {
  readonly startTimeout?: string;
  /** Lines of the job that triggers, of the hold and of the check, and of the workflow. */
  readonly trigger?: string;
  readonly hold?: string;
  readonly check?: string;
  readonly more?: string;
}

/** A parent as the README has it: it triggers `gh/acme/lib`, sleeps on `hold`, judges, and ships. */
export function parent({
  startTimeout = "20s",
  trigger = "",
  hold = "",
  check = "",
  more = "",
}: ParentOptions = {}): string {
  return `
version: 2.1
orbs: { circleback: acme/circleback@1 }
parameters: { circleback: { type: string, default: "" }, mode: { type: string, default: "" } }
jobs:
  ship: { ${docker}, steps: [run: echo shipped] }
  fail: { ${docker}, steps: [run: exit 1] }
workflows:
  release:
    jobs:
      - circleback/trigger-and-wait:
          name: trigger
          project: gh/acme/lib
          approval-job: hold
          start-timeout: ${startTimeout}
          context: circleback
          ${trigger}
      - hold: { type: approval, requires: [trigger], ${hold} }
      - circleback/check-status:
          name: check
          requires: [hold]
          context: circleback
          ${check}
      - ship: { requires: [check] }
      ${more}
`;
}

interface ChildOptions {
  /** Of the job that calls back: what it requires, and lines of it. */
  readonly requires?: string;
  readonly callback?: string;
  readonly context?: string;
  /** Lines of the workflow beside its jobs. */
  readonly workflow?: string;
  /** Lines of the configuration. */
  readonly more?: string;
}

/** A child as the README has it, whose last job calls back. */
export function child(
  jobs = "- pass",
  {
    requires = "pass: terminal",
    callback = "",
    context = "circleback",
    workflow = "",
    more = "",
  }: ChildOptions = {},
): string {
  return `
version: 2.1
orbs: { circleback: acme/circleback@1 }
parameters: { circleback: { type: string, default: "" }, mode: { type: string, default: "" } }
jobs:
  pass: { ${docker}, steps: [run: echo fine] }
  fail: { ${docker}, steps: [run: exit 9] }
  obedient: { ${docker}, steps: [run: 'test "<< pipeline.parameters.mode >>" != bad'] }
  flaky:
    ${docker}
    steps:
      - restore_cache: { keys: [tried-<< pipeline.id >>] }
      - run: test -f tried || { touch tried; exit 1; }
      - save_cache: { key: tried-<< pipeline.id >>, paths: [tried], when: on_fail }
workflows:
  integration:
    ${workflow}
    jobs:
      ${jobs}
      - circleback/approve-in-parent:
          name: circle-back
          ticket: << pipeline.parameters.circleback >>
          requires: [${requires}]
          context: ${context}
          ${callback}
${more}
`;
}

/** A third project, whose pipelines sweep the parent's. */
export const sweeper = `
version: 2.1
orbs: { circleback: acme/circleback@1 }
workflows:
  nightly: { jobs: [circleback/sweep: { name: sweep, projects: gh/acme/app, context: circleback }] }
`;

/** What became of an orchestration. Of jobs and workflows that ran more than once: the newest. */
export interface End {
  /** Exit code of the orb's step, and the code of its error; null: it has not run. */
  readonly trigger: string | null;
  readonly callback: string | null;
  readonly check: string | null;
  /** The hold's status, and who has approved it. */
  readonly hold: string;
  readonly parent: string;
  /** Of every pipeline of the child, the workflows in the order in which they began. */
  readonly children: readonly string[];
  /** Approvals that the service has accepted from jobs. */
  readonly approvals: number;
}

/** The end of an orchestration in which all is well. */
export const woken: End = {
  trigger: "0",
  callback: "0",
  check: "0",
  hold: "success by release-bot",
  parent: "success",
  children: ["integration success"],
  approvals: 1,
};

/** The end of one whose child was never more than asked for. */
export const neverStarted: End = {
  ...woken,
  callback: null,
  check: null,
  hold: "not_run",
  parent: "failed",
  children: [],
  approvals: 0,
};

export function endOf(report: Report): End {
  const parents = pipelinesOf(report, "gh/acme/app");
  const hold = jobsOf(parents, "hold").at(-1);
  return {
    trigger: exitOf(jobsOf(parents, "trigger").at(-1)),
    callback: exitOf(jobsOf(report.pipelines, "circle-back").at(-1)),
    check: exitOf(jobsOf(parents, "check").at(-1)),
    hold: hold === undefined ? "none" : `${hold.status}${hold.approved_by ? ` by ${hold.approved_by}` : ""}`,
    parent: parents.at(-1)?.workflows.at(-1)?.status ?? "none",
    children: pipelinesOf(report, "gh/acme/lib").map(({ workflows }) =>
      workflows.map(({ name, status }) => `${name} ${status}`).join(", "),
    ),
    approvals: report.requests.filter(({ path, status }) => path.includes("/approve/") && status === 202)
      .length,
  };
}

export function pipelinesOf(report: Report, project: string): readonly PipelineReport[] {
  return report.pipelines.filter((pipeline) => pipeline.project === project);
}

export function jobsOf(pipelines: readonly PipelineReport[], name: string): readonly JobReport[] {
  return pipelines
    .flatMap(({ workflows }) => workflows.flatMap(({ jobs }) => jobs))
    .filter((job) => job.name === name);
}

const titles = [
  "Trigger another pipeline",
  "Wait for the other pipeline",
  "Wake the parent pipeline",
  "Check the triggered pipeline",
  "Sweep up forgotten approval jobs",
];

/** `0`, or exit code and error code: `1 child.failed`. */
export function exitOf(job: JobReport | undefined): string | null {
  const step = job?.steps.findLast(({ name }) => titles.includes(name));
  if (step === undefined) return null;
  const [, code] = /^Error: .*? \((\w+\.[\w-]+)\)$/ms.exec(step.output) ?? [];
  return [step.exit_code ?? "none", code].filter((part) => part !== undefined).join(" ");
}
