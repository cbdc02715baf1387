import { join } from "node:path";
import { afterAll } from "vitest";
import { parse, stringify } from "yaml";
import { loadDefinitions } from "../../scripts/definitions.ts";
import { variableOf } from "../../src/orb/define-command.ts";
import { openApi } from "../../src/simulator/api/server.ts";
import { identifyUser } from "../../src/simulator/api/users.ts";
import { compile } from "../../src/simulator/compiler/compile.ts";
import { realClock } from "../../src/simulator/engine/clock.ts";
import { Engine } from "../../src/simulator/engine/engine.ts";
import type { JobAssignment, JobOutcome, JobRunner } from "../../src/simulator/engine/job-runner.ts";
import type { Pipeline, Project } from "../../src/simulator/engine/state.ts";
import { buildBuiltInVariables } from "../../src/simulator/runner/environment.ts";
import { layOutJobFolder } from "../../src/simulator/runner/job-folder.ts";
import { parseScenario } from "../../src/simulator/scenario/parse-scenario.ts";

/** A CircleCI whose jobs run no processes: a program under test plays the part of one of them. */
export interface Service {
  readonly url: string;
  readonly pipelines: readonly Pipeline[];
  trigger(slug: string, parameters?: Readonly<Record<string, string>>): Pipeline;
  /** What a job of that name has among its variables once it runs, and where it finds this service. */
  variablesOf(job: string): Promise<Readonly<Record<string, string>>>;
  /** All requests so far: `POST /project/gh/acme/app/pipeline 201`. Ids are replaced by names. */
  calls(): readonly string[];
  /** The text with `http://circleci` for addresses of this service, and with names for ids: `gh/acme/app#1`, `release`. */
  withNames(text: string): string;
}

interface ServiceOptions {
  /** By slug: the text of `.circleci/config.yml`. The first is triggered. */
  readonly projects: Readonly<Record<string, string>>;
  /** YAML as in a scenario: `tokens`, `faults`. */
  readonly scenario: string;
  /** What becomes of jobs, by name; all others succeed at once. */
  readonly jobs: Readonly<Record<string, JobOutcome | "never ends">>;
}

const closers: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closers) await close();
});

/** Closed when all tests of the file have ended. */
export async function openService({ projects, scenario, jobs }: ServiceOptions): Promise<Service> {
  const paths = Object.fromEntries(Object.keys(projects).map((slug) => [slug, { path: slug }]));
  const { tokens, faults } = parseScenario(stringify({ ...parse(scenario), projects: paths }), {
    file: "scenario.yml",
  });
  const known = Object.keys(projects).map(createProject);
  const assignments: JobAssignment[] = [];
  const runner: JobRunner = {
    start(assignment) {
      assignments.push(assignment);
      const outcome = jobs[assignment.name] ?? "success";
      let cancel = () => {};
      const done = new Promise<JobOutcome>((resolve) => {
        cancel = () => resolve("canceled");
        if (outcome !== "never ends") resolve(outcome);
      });
      return { done, cancel };
    },
  };
  const engine = new Engine({
    clock: realClock,
    runner,
    compile,
    orbs: new Map(),
    projects: known,
    contexts: [],
    readConfig: ({ slug }) => projects[slug] ?? null,
    random: Math.random,
  });
  const server = await openApi({ engine, tokens, faults });
  closers.push(async () => {
    await engine.shutdown();
    await server.close();
  });
  const trigger: Service["trigger"] = (slug, parameters = {}) => {
    const project = known.find((each) => each.slug === slug);
    if (project === undefined) throw new Error(`There is no project ${slug} to trigger.`);
    const actor = identifyUser("human");
    return engine.trigger({ project, branch: null, tag: null, parameters, actor, type: "api" });
  };
  trigger(known[0]?.slug ?? "");

  const untilStarted = (name: string) =>
    new Promise<JobAssignment>((resolve) => {
      const look = () => {
        const found = assignments.find((assignment) => assignment.name === name);
        if (found !== undefined) resolve(found);
      };
      engine.onChange(look);
      look();
    });
  return {
    url: server.url,
    pipelines: engine.pipelines,
    trigger,
    async variablesOf(name) {
      const assignment = await untilStarted(name);
      const folder = layOutJobFolder(join("/jobs", assignment.id), null, assignment.id);
      const host = await server.urlForJob(assignment.id);
      const machine = { PATH: "", LANG: "" };
      return buildBuiltInVariables({ assignment, folder, node: 0, host, machine, now: realClock.now() });
    },
    calls: () =>
      server.api.requests.map(({ method, path, status }) =>
        nameIds(`${method} ${path.replace("/api/v2", "")} ${status ?? "cut"}`, engine.pipelines),
      ),
    withNames: (text) =>
      nameIds(text, engine.pipelines).replace(/http:\/\/127\.0\.0\.1:\d+/g, "http://circleci"),
  };
}

/** The variables in which a step finds the parameters of its command: the given ones over the defaults. */
export async function parameterVariables(
  command: string,
  given: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const definition = (await loadDefinitions()).find(({ name }) => name === command);
  if (definition === undefined) throw new Error(`There is no command ${command}.`);
  const texts = Object.entries(definition.parameters).map(([name, parameter]) => {
    const value = given[name] ?? parameter.default ?? "";
    return [variableOf(name), String(typeof value === "boolean" ? Number(value) : value)] as const;
  });
  return Object.fromEntries(texts);
}

function nameIds(text: string, pipelines: readonly Pipeline[]): string {
  let named = text;
  for (const { id, project, number, workflows } of pipelines) {
    named = named.replaceAll(id, `${project.slug}#${number}`);
    for (const workflow of workflows) named = named.replaceAll(workflow.id, workflow.name);
  }
  return named;
}

function createProject(slug: string): Project {
  return { slug, id: `id of ${slug}`, organizationId: "acme", branches: ["main"], environment: {} };
}
