import { type Finding, ok, problem, unknown } from "./finding.ts";
import type { ConfigFile, JobUse, WorkflowUse } from "./read-config.ts";
import { isOpen, type TriggerUse, textOf } from "./trigger-use.ts";

/** The child's side in its configuration: it takes the ticket, and calls back with it however it ends. */
export function checkChild(
  child: ConfigFile,
  { ticketParameter, approvalJob }: TriggerUse,
): readonly Finding[] {
  if (ticketParameter === null) {
    if (approvalJob === null) return [ok("it gets no ticket, and nothing waits for its call")];
    return [
      problem(
        `nobody wakes ${approvalJob}, for ticket-parameter is empty`,
        "leave ticket-parameter out, or leave approval-job out to wait in the step",
      ),
    ];
  }
  const declared = checkParameter(child, ticketParameter);
  return approvalJob === null ? [declared] : [declared, ...checkCallback(child, ticketParameter)];
}

function checkParameter({ parameters }: ConfigFile, name: string): Finding {
  const parameter = parameters[name];
  const remedy = `parameters: { ${name}: { type: string, default: "" } }`;
  if (parameter === undefined) {
    return problem(`it does not declare the parameter ${name}, so it would refuse the trigger`, remedy);
  }
  if (parameter.type !== "string")
    return problem(`its parameter ${name} is of type ${parameter.type}, not string`, remedy);
  if (parameter.default !== "") {
    return problem(`its parameter ${name} has no empty default, so nobody else can start it`, remedy);
  }
  return ok(`it declares the parameter ${name}`);
}

function checkCallback(child: ConfigFile, ticketParameter: string): readonly Finding[] {
  const found = child.workflows.flatMap((workflow) =>
    workflow.jobs
      .filter(({ runs }) => runs.some(({ command }) => command === "approve-in-parent"))
      .map((job) => ({ workflow, job })),
  );
  if (found.length === 0) {
    return [
      unknown(
        "no job of its configuration runs approve-in-parent",
        "add it as the last job, unless a continuation or another orb brings it",
      ),
    ];
  }
  return found.map(({ workflow, job }) => checkCallbackJob(workflow, job, ticketParameter));
}

function checkCallbackJob(workflow: WorkflowUse, job: JobUse, ticketParameter: string): Finding {
  const use = job.runs.find(({ command }) => command === "approve-in-parent");
  const ticket = textOf(use?.parameters ?? {}, "ticket", "");
  if (isOpen(ticket) && !ticket.includes("pipeline.")) {
    return unknown(
      `which ticket ${job.name} of workflow ${workflow.name} takes, only CircleCI knows`,
      `it must come from << pipeline.parameters.${ticketParameter} >>`,
    );
  }
  if (!ticket.includes(`pipeline.parameters.${ticketParameter}`)) {
    return problem(
      `${job.name} of workflow ${workflow.name} does not take its ticket from the parameter ${ticketParameter}`,
      `ticket: << pipeline.parameters.${ticketParameter} >>`,
    );
  }
  const isOwnJob = job.runs.length === 1 && job.requires.size > 0;
  const early = [...job.requires].filter(([, endings]) => !covers(endings)).map(([name]) => name);
  if (isOwnJob && early.length > 0) {
    return problem(
      `${job.name} of workflow ${workflow.name} does not run when ${early.join(" or ")} fails`,
      [...job.requires.keys()].some(isOpen)
        ? "give each job in its requires the status terminal"
        : `requires: [${[...job.requires.keys()].map((name) => `{ ${name}: terminal }`).join(", ")}]`,
    );
  }
  const missed = listMissed(workflow, job);
  const names = workflow.jobs.flatMap(({ name, requires }) => [name, ...requires.keys()]);
  if (isOwnJob && missed.length > 0 && names.some(isOpen)) {
    return unknown(
      `whether ${job.name} of workflow ${workflow.name} waits for every other job, only CircleCI knows`,
      "require each of the other jobs as terminal",
    );
  }
  if (isOwnJob && missed.length > 0) {
    return problem(
      `${job.name} of workflow ${workflow.name} does not wait for ${missed.join(", ")}`,
      `add to its requires: ${missed.map((name) => `{ ${name}: terminal }`).join(", ")}`,
    );
  }
  return ok(`${job.name} of workflow ${workflow.name} calls back`);
}

function covers(endings: readonly string[] | null): boolean {
  return endings?.includes("terminal") === true || endings?.includes("failed") === true;
}

/** The jobs of the workflow that may still run when the callback does. */
function listMissed(workflow: WorkflowUse, callback: JobUse): readonly string[] {
  const reached = new Set([callback.name]);
  for (const name of reached) {
    const job = workflow.jobs.find((candidate) => candidate.name === name);
    for (const required of job?.requires.keys() ?? []) reached.add(required);
  }
  return workflow.jobs.map(({ name }) => name).filter((name) => !reached.has(name));
}
