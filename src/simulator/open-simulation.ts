import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Api } from "./api/api.ts";
import { type ApiServer, openApi } from "./api/server.ts";
import { identifyUser } from "./api/users.ts";
import { compile } from "./compiler/compile.ts";
import type { Clock } from "./engine/clock.ts";
import { Engine, Refusal } from "./engine/engine.ts";
import { makeUuid } from "./engine/ids.ts";
import type { Pipeline, Project } from "./engine/state.ts";
import { createProcessRunner } from "./runner/process-runner.ts";
import type { LoadedScenario } from "./scenario/load-scenario.ts";
import type { ScenarioProject } from "./scenario/scenario.ts";
import { ScenarioError } from "./scenario/scenario-error.ts";

export interface SimulationOptions {
  readonly clock: Clock;
  readonly random: () => number;
  /** An existing folder of the simulation's own, absolute: every job gets one below it. */
  readonly jobRoot: string;
  /** Of the API; 0: any free one. */
  readonly port: number;
}

/** A CircleCI with the projects of a scenario: it answers on a port and runs jobs as processes. */
export interface Simulation {
  readonly engine: Engine;
  readonly api: Api;
  readonly url: string;
  findProject(slug: string): Project;
  /** Starts the scenario's triggers, all at once. Throws a `ScenarioError` where one of them is refused. */
  trigger(): readonly Pipeline[];
  /** Ends every process and every connection. */
  close(): Promise<void>;
}

export async function openSimulation(
  { scenario, orbs }: LoadedScenario,
  options: SimulationOptions,
): Promise<Simulation> {
  const { clock, random } = options;
  const organizations = new Map<string, string>();
  const projects = scenario.projects.map((project) => createProject(project, random, organizations));
  const findDeclared = (slug: string) => found(scenario.projects, slug);
  let server: ApiServer | null = null;
  const runner = createProcessRunner({
    root: options.jobRoot,
    clock,
    hostFor: async (jobId) => {
      if (server === null) throw new Error("No job can start before the API is open.");
      return server.urlForJob(jobId);
    },
    sourceOf: (slug) => findDeclared(slug).path,
    sshKeys: (slug) => new Map(Object.entries(findDeclared(slug).sshKeys)),
  });
  const engine = new Engine({
    clock,
    runner,
    compile,
    orbs,
    projects,
    contexts: scenario.contexts,
    readConfig: ({ slug }) => readConfig(findDeclared(slug).path),
    random,
  });
  const { api, url, ...opened } = await openApi({
    engine,
    tokens: scenario.tokens,
    faults: scenario.faults,
    port: options.port,
  });
  server = { api, url, ...opened };

  const findProject = (slug: string) => found(projects, slug);
  return {
    engine,
    api,
    url,
    findProject,
    trigger: () =>
      scenario.triggers.map((trigger, index) => {
        try {
          return engine.trigger({
            project: findProject(trigger.project),
            branch: trigger.branch,
            tag: trigger.tag,
            parameters: trigger.parameters,
            actor: identifyUser(trigger.as),
            type: "api",
          });
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          throw new ScenarioError(scenario.file, [`trigger[${index}] is refused: ${error.message}`], {
            cause: error,
          });
        }
      }),
    async close() {
      await engine.shutdown();
      await runner.close();
      await opened.close();
    },
  };
}

function createProject(
  { slug, branches, environment }: ScenarioProject,
  random: () => number,
  organizations: Map<string, string>,
): Project {
  const organization = slug.split("/").slice(0, 2).join("/");
  const organizationId = organizations.get(organization) ?? makeUuid(random);
  organizations.set(organization, organizationId);
  return { slug, id: makeUuid(random), organizationId, branches, environment };
}

function found<Known extends { readonly slug: string }>(projects: readonly Known[], slug: string): Known {
  const project = projects.find((candidate) => candidate.slug === slug);
  if (project === undefined) throw new Error(`There is no project ${slug}.`);
  return project;
}

function readConfig(folder: string): string | null {
  try {
    return readFileSync(join(folder, ".circleci", "config.yml"), "utf8");
  } catch {
    return null;
  }
}
