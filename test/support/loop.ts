import { parse, stringify } from "yaml";
import type { JobReport, Report } from "../../src/simulator/report/report.ts";
import { packedOrb } from "./bundle.ts";
import { type Projects, runProjects } from "./simulator.ts";

const token = "token-of-the-release-bot";

/** What every run has unless its scenario says otherwise: the packed orb, a bot with a token, a first trigger. */
const usual = {
  tokens: { [token]: { login: "release-bot", projects: ["gh/acme/*"] } },
  contexts: { circleback: { CIRCLE_TOKEN: token } },
  trigger: [{ project: "gh/acme/app" }],
};

/** Runs projects that use the packed orb as `acme/circleback@1`. Throws where any job has printed the token. */
export async function runLoop(projects: Projects, scenario = ""): Promise<Report> {
  const orbs = { "acme/circleback@1": await packedOrb() };
  const report = await runProjects(projects, stringify({ ...usual, orbs, ...parse(scenario) }), {
    timeout: 60_000,
  });
  const leaks = listJobs(report).filter(({ steps }) => steps.some(({ output }) => output.includes(token)));
  if (leaks.length > 0) throw new Error(`The token is in the output of ${leaks.map(({ name }) => name)}.`);
  return report;
}

const docker = 'docker: [{ image: "cimg/base:stable" }]';

/** A parent that sleeps on `hold`; `trigger` is a line of its first job, `more` are lines of its workflow. */
export function parent({ trigger = "", more = "" } = {}): string {
  return `
version: 2.1
orbs: { circleback: acme/circleback@1 }
jobs:
  ship: { ${docker}, steps: [run: echo shipped] }
workflows:
  release:
    jobs:
      - circleback/trigger-and-wait:
          name: trigger
          project: gh/acme/lib
          approval-job: hold
          context: circleback
          ${trigger}
      ${more}
      - hold: { type: approval, requires: [trigger] }
      - ship: { requires: [hold] }
`;
}

/** A child that calls back at once, or, with a gate, when an event opens that. */
export function child({ gate = false, timeout = "1m" } = {}): string {
  return `
version: 2.1
orbs: { circleback: acme/circleback@1 }
parameters: { circleback: { type: string, default: "" } }
workflows:
  integration:
    jobs:
      ${gate ? "- gate: { type: approval }" : ""}
      - circleback/approve-in-parent:
          name: circle-back
          ticket: << pipeline.parameters.circleback >>
          timeout: ${timeout}
          context: circleback
          ${gate ? "requires: [gate]" : ""}
`;
}

/** The event that opens the child's gate when the parent's hold is there, approved or cancelled. */
export function openGateOn(hold: "on_hold" | "success" | "canceled"): string {
  return `{ on: { job: hold, status: ${hold} }, do: approve, with: { project: gh/acme/lib, job: gate } }`;
}

/** What a callback says where it leaves the parent cancelled. */
export const adviceForRerun =
  "If the parent is run again, let it be from its start: from failed, its new hold sleeps until this job runs again, too, or a sweep comes.";

export interface Said {
  readonly exit: number | null;
  /** With names in the place of ids and addresses. */
  readonly lines: readonly string[];
}

const titles = [
  "Trigger another pipeline",
  "Wait for the other pipeline",
  "Wake the parent pipeline",
  "Check the triggered pipeline",
  "Sweep up forgotten approval jobs",
  "Tell Slack",
];

/** How the orb's step, or two of them, in the newest job of that name ended, and what they printed. */
export function said(report: Report, jobName: string): Said {
  const job = listJobs(report).findLast(({ name }) => name === jobName);
  const steps = job?.steps.filter(({ name }) => titles.includes(name)) ?? [];
  const last = steps.at(-1);
  if (last === undefined) throw new Error(`No step of the orb has run in ${jobName}.`);
  const output = steps.map((step) => step.output).join("");
  return { exit: last.exit_code, lines: nameIds(report, output).trimEnd().split("\n") };
}

/** Requests of the jobs of that name, `POST /workflow/release/approve/hold 202`. */
export function callsOf(report: Report, jobName: string): readonly string[] {
  const ids = listJobs(report)
    .filter(({ name }) => name === jobName)
    .map(({ id }) => id);
  return report.requests
    .filter(({ job }) => job !== null && ids.includes(job))
    .map(({ method, path, status }) =>
      nameIds(report, `${method} ${path.replace("/api/v2", "")} ${status ?? "cut"}`),
    );
}

/** The newest job of that name, without what differs from run to run. */
export function jobOf(report: Report, jobName: string): Pick<JobReport, "status" | "approved_by"> {
  const job = listJobs(report).findLast(({ name }) => name === jobName);
  if (job === undefined) throw new Error(`There is no job ${jobName}.`);
  return { status: job.status, approved_by: job.approved_by };
}

export function listJobs(report: Report): readonly JobReport[] {
  return report.pipelines.flatMap(({ workflows }) => workflows.flatMap(({ jobs }) => jobs));
}

/** A rerun is `release#2`; the API's address is left out. */
function nameIds(report: Report, text: string): string {
  let named = text.replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, "");
  for (const { id, project, number, workflows } of report.pipelines) {
    named = named.replaceAll(id, `${project}#${number}`);
    const runs = new Map<string, number>();
    for (const { id: workflowId, name, jobs } of workflows) {
      const run = (runs.get(name) ?? 0) + 1;
      runs.set(name, run);
      named = named.replaceAll(workflowId, run === 1 ? name : `${name}#${run}`);
      for (const job of jobs) named = named.replaceAll(job.id, job.name);
    }
  }
  return named;
}
