import { stringify } from "yaml";
import { planFault } from "../plan-faults.ts";
import { bot, signingSecret, sweeper, token } from "../play.ts";
import { type EventPlan, firstProject, slugOf, type World } from "../world.ts";
import { writeConfig, writeSweepConfig } from "./write-config.ts";

export interface ScenarioOptions {
  readonly remarks: readonly string[];
  /** The packed orb, as seen from the scenario. */
  readonly orb: string;
  /** Milliseconds from the start after which one more sweep runs; null: none. */
  readonly lastSweep: number | null;
}

/**
 * The world as a scenario for `circleback simulate run`: real processes on the real clock, so that moments may
 * differ. Texts by their path: `scenario.yml`, and the configuration of each project.
 */
export function writeScenario(
  world: World,
  { remarks, orb, lastSweep }: ScenarioOptions,
): Readonly<Record<string, string>> {
  const slugs = world.projects.map(({ name }) => slugOf(name));
  const leftOut = listLeftOut(world);
  const signing = world.signed ? { CIRCLEBACK_SIGNING_SECRET: signingSecret } : {};
  const sweeps = [...world.sweeps, ...(lastSweep === null ? [] : [lastSweep])];
  const atStart = (delay: number) => ({ on: { project: slugs[0], pipeline: 1 }, delay: duration(delay) });
  const paths = [...slugs, sweeper].map((slug) => [slug, { path: slug.split("/").at(-1) }] as const);
  const document = {
    orbs: { "acme/circleback@1": orb },
    projects: Object.fromEntries(
      paths.map(([slug, path]) => [slug, { ...path, branches: ["main", "develop"] }]),
    ),
    tokens: { [token]: { login: bot, projects: ["gh/acme/*"] } },
    contexts: {
      circleback: { values: { CIRCLE_TOKEN: token, ...signing }, allow: [bot, "anna", "bert"] },
      vault: { values: { OPEN: "sesame" }, allow: ["anna"] },
    },
    trigger: [{ project: slugs[0], as: "anna" }],
    faults: world.faults.flatMap(planFault).map(({ method, path, times, job, effect }) => ({
      method,
      path,
      times,
      ...(job !== null && { job }),
      // biome-ignore lint/suspicious/noThenProperty: that is what a scenario calls it
      then: writeEffect(effect),
    })),
    events: [
      ...world.starts.slice(1).map((delay) => ({
        ...atStart(delay),
        do: "trigger",
        with: { project: slugOf(firstProject), as: "anna" },
      })),
      ...sweeps.map((delay) => ({ ...atStart(delay), do: "trigger", with: { project: sweeper, as: bot } })),
      ...world.events
        .filter((event) => !isUnspeakable(event))
        .map((event) => writeEvent(event, slugs[0] ?? "")),
    ],
  };
  const head = [...remarks, ...leftOut].map((line) => `# ${line}\n`).join("");
  const configs = world.projects.map(
    (plan) => [`${plan.name}/.circleci/config.yml`, writeConfig(plan)] as const,
  );
  return {
    "scenario.yml": `${head}${stringify(document, { lineWidth: 110, aliasDuplicateObjects: false })}`,
    ...Object.fromEntries(configs),
    "ops/.circleci/config.yml": writeSweepConfig(slugs),
  };
}

function writeEvent({ when, delay, do: deed, project, workflow, job, as }: EventPlan, first: string) {
  const on =
    when === null
      ? { project: first, pipeline: 1 }
      : { project: slugOf(when.project), job: when.job, status: when.status };
  const isAtJob = deed === "approve" || deed === "cancel-job";
  const aim = { project: slugOf(project), workflow, ...(isAtJob && { job }), as };
  return {
    on,
    ...(delay > 0 && { delay: duration(delay) }),
    do: deed === "sweep" ? "trigger" : deed,
    with: deed === "sweep" ? { project: sweeper, as: bot } : aim,
  };
}

function isUnspeakable(event: EventPlan): boolean {
  return ["lose-machine", "copy-pipeline", "rerun-job", "forge-ticket"].includes(event.do);
}

function listLeftOut({ events, projects }: World): readonly string[] {
  const workflows = projects.flatMap((plan) => plan.workflows);
  const ends = workflows.flatMap(({ works }) => works.flatMap((work) => work.ends));
  const steps = workflows.flatMap(({ calls, callback }) => [...calls, ...(callback ? [callback] : [])]);
  return [
    ...events
      .filter(isUnspeakable)
      .map((event) => `Left out: ${event.do} ${event.job || event.workflow} of ${event.project}.`),
    ...events
      .filter(({ when, pipeline }) => pipeline > 1 || (when !== null && when.nth > 1))
      .map((event) => `Left out: that ${event.do} is for another pipeline or job than the first it meets.`),
    ...(ends.includes("infrastructure_fail") ? ["A lost machine fails like any job."] : []),
    ...(steps.some(({ stepReruns }) => stepReruns > 0)
      ? ["Left out: `max_auto_reruns` of circleback's steps."]
      : []),
    ...(projects.some(({ dynamic }) => dynamic) ? ["Left out: setup workflows."] : []),
  ];
}

function writeEffect(effect: ReturnType<typeof planFault>[number]["effect"]) {
  const { status, headers, delay, drop, afterAccepted, stale } = effect;
  const said = {
    ...(status !== null && { status }),
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(delay > 0 && { delay: duration(delay) }),
    ...(drop && { drop }),
    ...(afterAccepted && { after: "accepted" }),
    ...(stale > 0 && { stale: duration(stale) }),
  };
  // A harmless one spares a request.
  return Object.keys(said).length > 0 ? said : { delay: "1ms" };
}

function duration(milliseconds: number): string {
  return `${Math.round(milliseconds)}ms`;
}
