import type { Repository } from "../../aws/ecr.ts";
import { registryHost } from "../../aws/region.ts";
import type { Environment } from "../../host/host.ts";
import type { PushInput } from "./definition.ts";
import type { PlannedBuild } from "./docker.ts";
import { standardLabels } from "./labels.ts";
import { movingTags } from "./moving-tags.ts";
import type { NamedValue } from "./named-values.ts";
import { dockerfilePath } from "./paths.ts";
import type { PlannedTag } from "./tags.ts";

/** Everything that is decided before the first call. */
export interface PushPlan {
  readonly repository: Repository;
  /** Null: to be read from the login's answer. */
  readonly registry: string | null;
  /** The first is the version. */
  readonly tags: readonly [PlannedTag, ...PlannedTag[]];
  /** What a new repository lets move. */
  readonly movingTags: readonly string[];
  readonly build: PlannedBuild;
  /** What stays readable in the image, and looks as if it should not. */
  readonly suspects: readonly (NamedValue & { readonly kind: "build argument" | "label" })[];
}

export function planPush(input: PushInput, env: Environment): PushPlan {
  const [first, ...others] = [...input.tags, ...(input.branchTags.current ? [input.branchTags.current] : [])];
  if (first === undefined) throw new Error("a list of tags that was parsed is empty");
  const version = first.tag;
  const buildArguments = input.buildArgs.some(({ name }) => name === "API_VERSION")
    ? input.buildArgs
    : [{ name: "API_VERSION", value: version, suspicion: null }, ...input.buildArgs];
  return {
    repository: { region: input.region, account: input.accountId, name: input.repository },
    registry: input.registry ?? (input.accountId && registryHost(input.accountId, input.region, env)),
    tags: [first, ...others],
    movingTags: movingTags(input),
    suspects: [
      ...buildArguments.map((each) => ({ ...each, kind: "build argument" as const })),
      ...input.labels.map((each) => ({ ...each, kind: "label" as const })),
    ].filter(({ suspicion }) => suspicion !== null),
    build: {
      context: input.path,
      dockerfile: dockerfilePath(input.path, input.dockerfile),
      arguments: buildArguments,
      labels: {
        ...standardLabels(env, version),
        ...Object.fromEntries(input.labels.map(({ name, value }) => [name, value])),
      },
      secrets: input.secrets,
      target: input.target,
      platforms: input.platforms,
      cache: input.cache,
      cacheTags: input.branchTags.all.map(({ tag }) => tag),
      provenance: input.provenance,
    },
  };
}

/** The tags and where they come from, as lines of a table. */
export function showTags(tags: readonly PlannedTag[]): readonly string[] {
  const rows = [{ tag: "tag", rule: "rule" }, ...tags];
  const width = Math.max(...rows.map(({ tag }) => tag.length));
  return rows.map(({ tag, rule }) => `  ${tag.padEnd(width)}  ${rule}`);
}
