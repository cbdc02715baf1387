import * as v from "valibot";
import type { DefinitionWithTags } from "../../aws/ecs.ts";
import { type Container, Definition } from "../../aws/ecs-shapes.ts";
import { UserError } from "../../errors.ts";
import type { Variable } from "../../rollout/environment-lines.ts";
import { isSameDefinition } from "./same-definition.ts";

/**
 * What AWS adds to a task definition by itself: all that `TaskDefinition` has, and that RegisterTaskDefinition does not
 * take (Amazon ECS API Reference, version 2014-11-13). Every other field is copied, known here or not.
 */
const fieldsOfAws = [
  "compatibilities",
  "deleteRequestedAt",
  "deregisteredAt",
  "registeredAt",
  "registeredBy",
  "requiresAttributes",
  "revision",
  "status",
  "taskDefinitionArn",
] as const;

export interface Wishes {
  readonly container: string;
  readonly image: string;
  readonly env: readonly Variable[];
}

export interface Draft {
  /** What RegisterTaskDefinition takes. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly container: string;
  readonly containers: readonly Container[];
  readonly family: string;
  readonly image: { readonly before: string; readonly now: string };
  /** Names alone: values are nobody's business. */
  readonly variables: { readonly added: readonly string[]; readonly changed: readonly string[] };
  readonly isChanged: boolean;
}

/** The next task definition: a copy of the current one, or the given one, with image and variables of one container. */
export function draftDefinition(
  current: DefinitionWithTags,
  given: Definition | null,
  wishes: Wishes,
): Draft {
  const base = given ?? current.definition;
  const container = findContainer(base, wishes.container);
  const before = findByName(current.definition, container.name);
  const { environment, ...variables } = override(container, wishes.env);
  const image = wishes.image || (container.image ?? "");
  const next = { ...container, image, ...(wishes.env.length > 0 && { environment }) };
  const family = base.family ?? current.definition.family ?? "";
  const definition: Definition = {
    ...base,
    family,
    containerDefinitions: base.containerDefinitions.map((each) => (each === container ? next : each)),
  };
  const now = { ...toRequest(current.definition), tags: current.tags };
  const body = toRequest(
    given === null && now.tags.length > 0 ? { ...definition, tags: now.tags } : definition,
  );
  return {
    body,
    container: container.name,
    containers: definition.containerDefinitions,
    family,
    image: { before: before?.image ?? "", now: image },
    variables,
    isChanged: !isSameDefinition(body, now),
  };
}

/** Of a file: as it is registered, or as `aws ecs describe-task-definition` prints it. Throws `parameter.invalid`. */
export function readDefinitionFile(path: string, text: string): Definition {
  const parsed = v.safeParse(
    v.union([
      v.pipe(
        v.object({ taskDefinition: Definition, tags: v.optional(v.array(v.unknown()), []) }),
        v.transform(({ taskDefinition, tags }) =>
          tags.length > 0 ? { ...taskDefinition, tags } : taskDefinition,
        ),
      ),
      Definition,
    ]),
    parseJson(text),
  );
  if (parsed.success) return parsed.output;
  // Not what stands there, which may be the value of a variable.
  throw new UserError("parameter.invalid", `${path} is no task definition in JSON.`, {
    hints: ["It needs `containerDefinitions`, a list in which every container has a `name`."],
  });
}

function findContainer(definition: Definition, name: string): Container {
  const names = definition.containerDefinitions.map((each) => each.name);
  const [first, ...others] = definition.containerDefinitions;
  const found = name === "" && others.length === 0 ? first : findByName(definition, name);
  if (found !== undefined) return found;
  throw new UserError(
    "parameter.invalid",
    name === ""
      ? `The task definition ${definition.family ?? ""} has ${names.length} containers, and \`container\` does not say which gets the image.`
      : `The task definition ${definition.family ?? ""} has no container \`${name}\`.`,
    { hints: [`It has ${names.join(", ") || "none"}.`] },
  );
}

function findByName({ containerDefinitions }: Definition, name: string): Container | undefined {
  return containerDefinitions.find((each) => each.name === name);
}

function override({ name, environment = [], secrets = [] }: Container, wished: readonly Variable[]) {
  const clash = wished.find((each) => secrets.some((secret) => secret.name === each.name));
  if (clash !== undefined) {
    throw new UserError(
      "parameter.invalid",
      `\`env\` sets ${clash.name}, which is a secret of the container ${name}: ECS takes no name twice.`,
      { hints: ["Change it where the secret is kept, or give the variable another name."] },
    );
  }
  const now = new Map(wished.map((each) => [each.name, each.value]));
  const known = new Set(environment.map((each) => each.name));
  const kept = environment.map((each) => ({ ...each, value: now.get(each.name) ?? each.value }));
  const added = [...now].filter(([key]) => !known.has(key)).map(([key, value]) => ({ name: key, value }));
  return {
    environment: [...kept, ...added],
    added: added.map((each) => each.name),
    changed: environment
      .filter((each) => now.has(each.name) && now.get(each.name) !== each.value)
      .map((each) => each.name),
  };
}

function toRequest(definition: Definition): Readonly<Record<string, unknown>> {
  const own: readonly string[] = fieldsOfAws;
  return Object.fromEntries(Object.entries(definition).filter(([name]) => !own.includes(name)));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
