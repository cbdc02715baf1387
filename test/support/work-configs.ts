const docker = 'docker: [{ image: "cimg/base:stable" }]';

const head = `
version: 2.1
orbs: { circleback: acme/circleback@1 }
parameters: { circleback: { type: string, default: "" }, mode: { type: string, default: "" } }
`;

/** By the job's name: how its runs end, `failed,success`, each after a second, or after `<milliseconds>:`. */
type Works = Readonly<Record<string, string>>;

function defineWorks(works: Works): string {
  return Object.entries(works)
    .map(([name, ends]) => {
      const [, takes = "1000", list] = /^(?:(\d+):)?(.*)$/.exec(ends) ?? [];
      return `  ${name}: { ${docker}, steps: [run: "work ${takes} ${list}"] }`;
    })
    .join("\n");
}

/** A parent that triggers `gh/acme/lib`, sleeps on `hold`, checks, and ships. The options are lines of its jobs. */
export function parent({
  project = "gh/acme/lib",
  trigger = "",
  hold = "requires: [trigger]",
  check = "",
  more = "",
  works = {} as Works,
} = {}): string {
  return `${head}
jobs:
${defineWorks({ ship: "success", ...works })}
workflows:
  release:
    jobs:
      - circleback/trigger-and-wait:
          name: trigger
          project: ${project}
          approval-job: hold
          context: circleback
          ${trigger}
      - hold: { type: approval, ${hold} }
      - circleback/check-status: { name: check, context: circleback, requires: [hold], ${check} }
      - ship: { requires: [check] }
      ${more}
`;
}

/** A parent whose trigger job itself waits; a rerun from failed keeps the job before it. */
export function pollingParent(trigger = ""): string {
  return `${head}
jobs:
${defineWorks({ prepare: "success" })}
workflows:
  release:
    jobs:
      - prepare
      - circleback/trigger-and-wait:
          { name: trigger, project: gh/acme/lib, context: circleback, requires: [prepare], ${trigger} }
`;
}

/** A workflow whose last job, `circle-back`, calls back when all others have ended. */
export function callingWorkflow(
  name: string,
  works: readonly string[],
  { workflow = "", callback = "", callbackName = "circle-back" } = {},
): string {
  return `
  ${name}:
    ${workflow}
    jobs: [${works.join(", ")}, circleback/approve-in-parent: { name: ${callbackName}, requires: [${works
      .map((work) => `${work}: terminal`)
      .join(
        ", ",
      )}], ticket: << pipeline.parameters.circleback >>, context: circleback, filters: pipeline.parameters.circleback != "", ${callback} }]
`;
}

/** A workflow whose jobs call back themselves, in a last step. */
export function postStepWorkflow(
  name: string,
  works: readonly string[],
  { workflow = "", callback = "" } = {},
): string {
  const steps = `post-steps: [circleback/approve-in-parent: { ticket: << pipeline.parameters.circleback >>, ${callback} }]`;
  return `
  ${name}:
    ${workflow}
    jobs: [${works.map((work) => `${work}: { context: circleback, ${steps} }`).join(", ")}]
`;
}

export function child(works: Works, ...workflows: readonly string[]): string {
  return `${head}
jobs:
${defineWorks(works)}
workflows:
${workflows.join("\n")}
`;
}
