import * as v from "valibot";
import type { Call } from "../circleci/call.ts";
import { Config, Me, Pipeline, page } from "../circleci/schemas.ts";
import { UserError } from "../errors.ts";
import { type Finding, ok, problem, unknown } from "./finding.ts";
import { type ConfigFile, readConfig } from "./read-config.ts";

const Project = v.object({ id: v.string(), organization_id: v.string(), organization_name: v.string() });
export type Project = v.InferOutput<typeof Project>;

/** What was found, and what can be gone on with; null: nothing. */
export interface Look<Thing> {
  readonly finding: Finding;
  readonly thing: Thing | null;
}

export async function lookAtToken(call: Call, variable: string): Promise<Look<string>> {
  return look(
    () => call.get(Me, "/me", "owner of the token"),
    ({ login }) => ({ finding: ok(`the token in ${variable} belongs to ${login}`), thing: login }),
  );
}

export async function lookAtProject(call: Call, slug: string): Promise<Look<Project>> {
  return look(
    () => call.get(Project, `/project/${slug}`, `project ${slug}`),
    (project) => ({ finding: ok(`the token sees ${slug}`), thing: project }),
  );
}

/** The configuration of a project as its newest pipeline had it. */
export async function lookAtConfig(call: Call, slug: string): Promise<Look<ConfigFile>> {
  return look(
    async () => {
      const { items } = await call.get(page(Pipeline), `/project/${slug}/pipeline`, `project ${slug}`);
      const [newest] = items;
      if (newest === undefined) return null;
      const { source } = await call.get(Config, `/pipeline/${newest.id}/config`, `pipeline ${newest.id}`);
      return { number: newest.number, source: source || "" };
    },
    (newest) => {
      const again = `let ${slug} run once, and ask again`;
      if (newest === null)
        return {
          finding: unknown("it has no pipeline yet, so its configuration is not known", again),
          thing: null,
        };
      const name = `its configuration, as of pipeline ${newest.number},`;
      try {
        return { finding: ok(`${name} can be read`), thing: readConfig(newest.source) };
      } catch (error) {
        return { finding: unknown(`${name} cannot be read: ${firstLine(error)}`, again), thing: null };
      }
    },
  );
}

/** Asks the service; what it refuses becomes a problem with the error's own hints. */
export async function look<Answer, Thing>(
  ask: () => Promise<Answer>,
  read: (answer: Answer) => Look<Thing>,
): Promise<Look<Thing>> {
  try {
    return read(await ask());
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { finding: problem(error.message, ...error.hints), thing: null };
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0] ?? "";
}
