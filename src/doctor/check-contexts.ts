import * as v from "valibot";
import type { Call } from "../circleci/call.ts";
import { look, type Project } from "./check-access.ts";
import { type Finding, ok, problem, unknown } from "./finding.ts";
import { isOpen } from "./trigger-use.ts";

const Context = v.object({ id: v.string(), name: v.string() });
const Variable = v.object({ variable: v.string() });
const Restriction = v.object({
  restriction_type: v.string(),
  restriction_value: v.string(),
  name: v.nullish(v.string(), null),
});
type Restriction = v.InferOutput<typeof Restriction>;

/** Whether one of a job's contexts brings the token's variable, and who may use them. Values cannot be read, nor need be. */
export async function checkContexts(
  call: Call,
  job: { readonly name: string; readonly contexts: readonly string[]; readonly tokenVariable: string },
  project: Project,
): Promise<readonly Finding[]> {
  if (job.contexts.length === 0) {
    return [
      unknown(
        `${job.name} uses no context, so ${job.tokenVariable} must be a variable of the project`,
        `context: circleback, with the token in it as ${job.tokenVariable}`,
      ),
    ];
  }
  const { finding, thing: known } = await look(
    () =>
      call.getAll(
        Context,
        `/context?owner-id=${project.organization_id}`,
        `contexts of ${project.organization_name}`,
      ),
    (contexts) => ({ finding: ok("its contexts can be listed"), thing: contexts }),
  );
  if (known === null) return [finding];
  const named = job.contexts.filter((name) => !isOpen(name));
  const missing = named.filter((name) => !known.some((context) => context.name === name));
  const contexts = known.filter(({ name }) => named.includes(name));
  return [
    ...missing.map((name) =>
      problem(
        `${project.organization_name} has no context ${name} that the token's owner can see: ${job.name} would be unauthorized`,
        `create the context ${name} in the organization's settings, or correct its name`,
      ),
    ),
    ...(contexts.length > 0 ? [await checkVariable(call, contexts, job)] : []),
    ...(await Promise.all(contexts.map((context) => checkRestrictions(call, context, project)))).flat(),
  ];
}

async function checkVariable(
  call: Call,
  contexts: readonly v.InferOutput<typeof Context>[],
  { name, tokenVariable }: { readonly name: string; readonly tokenVariable: string },
): Promise<Finding> {
  const { finding } = await look(
    () =>
      Promise.all(
        contexts.map(({ id, name: context }) =>
          call.getAll(Variable, `/context/${id}/environment-variable`, `context ${context}`),
        ),
      ),
    (lists) => {
      const holder =
        contexts[lists.findIndex((list) => list.some(({ variable }) => variable === tokenVariable))];
      const all = contexts.map((context) => context.name).join(", ");
      return {
        finding:
          holder === undefined
            ? problem(
                `no variable ${tokenVariable} is in ${all}, which ${name} uses`,
                `put a personal API token of the machine's user into ${all} as ${tokenVariable}`,
              )
            : ok(`context ${holder.name} gives ${name} ${tokenVariable}`),
        thing: null,
      };
    },
  );
  return finding;
}

async function checkRestrictions(
  call: Call,
  { id, name }: v.InferOutput<typeof Context>,
  project: Project,
): Promise<readonly Finding[]> {
  const { finding, thing: restrictions } = await look(
    () => call.getAll(Restriction, `/context/${id}/restrictions`, `context ${name}`),
    (list) => ({ finding: ok(`who may use context ${name} can be read`), thing: list }),
  );
  if (restrictions === null) return [finding];
  const of = (type: string) => restrictions.filter(({ restriction_type }) => restriction_type === type);
  const [projects, groups, expressions] = [of("project"), of("group"), of("expression")];
  if (restrictions.length === 0)
    return [ok(`context ${name} is open to every project and person of the organization`)];
  return [
    ...(projects.length === 0 ? [] : [checkProjects(name, projects, project)]),
    ...(groups.length === 0
      ? []
      : [
          unknown(
            `context ${name} is for members of ${listNames(groups)}`,
            "make sure that everybody who starts or approves the workflow is one, the token's owner and schedules included",
          ),
        ]),
    ...expressions.map(({ restriction_value }) =>
      unknown(`context ${name} is for pipelines with ${restriction_value}`),
    ),
  ];
}

function checkProjects(name: string, allowed: readonly Restriction[], project: Project): Finding {
  if (allowed.some(({ restriction_value }) => restriction_value === project.id))
    return ok(`context ${name} is for this project, among ${allowed.length}`);
  return problem(
    `context ${name} is for ${listNames(allowed)} only`,
    "add this project under the context's project restrictions",
  );
}

function listNames(restrictions: readonly Restriction[]): string {
  return restrictions.map(({ name, restriction_value }) => name ?? restriction_value).join(", ");
}
