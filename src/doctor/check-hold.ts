import { type Finding, ok, problem, unknown } from "./finding.ts";
import type { JobUse, WorkflowUse } from "./read-config.ts";
import { isOpen, type TriggerUse } from "./trigger-use.ts";

/** The parent's side in its configuration: the approval job is there, opens at the right time, and is judged after. */
export function checkHold({ workflow, job, approvalJob }: TriggerUse): readonly Finding[] {
  if (approvalJob === null) return [ok("it waits in the step, so no approval job is needed")];
  if (isOpen(approvalJob)) return [unknown(`which approval job ${approvalJob} is, only CircleCI knows`)];
  const hold = workflow.jobs.find(({ name }) => name === approvalJob);
  if (hold === undefined) {
    return [
      problem(
        `workflow ${workflow.name} has no job ${approvalJob}`,
        `add to its jobs: - ${approvalJob}: { type: approval, requires: [${job.name}] }`,
      ),
    ];
  }
  if (!hold.isApproval) {
    return [problem(`job ${approvalJob} is no approval job`, "give it type: approval, and nothing to run")];
  }
  return [checkRequires(hold, job), checkJudge(workflow, hold)];
}

function checkRequires(hold: JobUse, trigger: JobUse): Finding {
  const required = [...hold.requires.keys()];
  if (required.length === 1 && required[0] === trigger.name)
    return ok(`${hold.name} is an approval job that requires ${trigger.name} alone`);
  return problem(
    `${hold.name} requires ${required.join(", ") || "nothing"}: it must require ${trigger.name}, and nothing else`,
    `requires: [${trigger.name}]`,
  );
}

function checkJudge(workflow: WorkflowUse, hold: JobUse): Finding {
  const judge = workflow.jobs.find(
    (job) => job.requires.has(hold.name) && job.runs.some(({ command }) => command === "check-status"),
  );
  if (judge !== undefined) return ok(`${judge.name} judges the child after it`);
  return problem(
    `nothing reads the child's result after ${hold.name}: whoever approves it, the workflow goes on`,
    `let a check-status job require ${hold.name}, and let the jobs behind it require that one`,
  );
}
