import { createCall } from "../circleci/call.ts";
import { parseSlug } from "../circleci/parameters.ts";
import { normalizeSlug } from "../circleci/slug.ts";
import type { Host } from "../host/host.ts";
import { type NamedSecret, Unfit } from "../orb/parameter.ts";
import type { Secret } from "../secret.ts";
import { type Look, lookAtConfig, lookAtProject, lookAtToken, type Project } from "./check-access.ts";
import { checkChild } from "./check-child.ts";
import { checkContexts } from "./check-contexts.ts";
import { checkHold } from "./check-hold.ts";
import { type Finding, problem, type Section, unknown } from "./finding.ts";
import type { ConfigFile } from "./read-config.ts";
import { isOpen, listTriggers, type TriggerUse, textOf } from "./trigger-use.ts";

export interface Patient {
  /** The parent's configuration. */
  readonly config: ConfigFile;
  /** Slug of the parent's project. */
  readonly project: string;
  readonly token: NamedSecret;
  /** Origin of the service. */
  readonly origin: string;
}

/** Looks at everything that an orchestration needs, and changes nothing. Sections come as they are known. */
export async function* examine(host: Host, patient: Patient): AsyncGenerator<Section> {
  const { variable, value } = patient.token;
  if (value === null || !isSendable(value)) {
    yield { title: "Token", findings: [value === null ? notSet(variable) : notSendable(variable)] };
    yield theRest;
    return;
  }
  const call = createCall(withLittlePatience(host), patient.origin, value);
  const token = await lookAtToken(call, variable);
  yield { title: "Token", findings: [token.finding] };
  if (token.thing === null) {
    yield theRest;
    return;
  }

  const parent = await lookAtProject(call, patient.project);
  yield { title: `Parent ${patient.project}`, findings: [parent.finding] };

  const triggers = listTriggers(patient.config);
  if (triggers.length === 0) {
    const text = "no job of its workflows runs trigger-and-wait";
    yield { title: "Triggers", findings: [problem(text, "add one, as the README of circleback shows")] };
  }
  const children = new Map<string, Promise<Child>>();
  for (const trigger of triggers) {
    yield {
      title: `Job ${trigger.job.name} of workflow ${trigger.workflow.name}`,
      findings: [
        ...checkHold(trigger),
        ...(parent.thing === null
          ? [unknown("its contexts are not known: the token has to see the project first")]
          : await checkContexts(
              call,
              { ...trigger.job, tokenVariable: trigger.tokenVariable },
              parent.thing,
            )),
      ],
    };
    const slug = trigger.project;
    const look = children.get(normalizeSlug(slug)) ?? lookAtChild(slug);
    children.set(normalizeSlug(slug), look);
    yield { title: `Its child ${slug}`.trimEnd(), findings: await examineChild(trigger, await look) };
  }

  async function lookAtChild(slug: string): Promise<Child> {
    if (isOpen(slug)) {
      const finding = unknown(`which project ${slug} is, only CircleCI knows`);
      return { project: { finding, thing: null }, config: null };
    }
    const unfit = explainSlug(slug);
    if (unfit !== null) return { project: { finding: unfit, thing: null }, config: null };
    const project = await lookAtProject(call, slug);
    return { project, config: project.thing === null ? null : await lookAtConfig(call, slug) };
  }

  async function examineChild(trigger: TriggerUse, { project, config }: Child): Promise<readonly Finding[]> {
    return [
      project.finding,
      ...(config === null ? [] : [config.finding]),
      ...(config?.thing ? checkChild(config.thing, trigger) : [theConfig]),
      ...(config?.thing && project.thing ? await checkCallers(config.thing, project.thing) : []),
    ];
  }

  async function checkCallers(config: ConfigFile, project: Project): Promise<readonly Finding[]> {
    const callers = config.workflows.flatMap(({ jobs }) =>
      jobs.flatMap((job) =>
        job.runs
          .filter(({ command }) => command === "approve-in-parent")
          .map(({ parameters }) => ({ ...job, tokenVariable: textOf(parameters, "token", "CIRCLE_TOKEN") })),
      ),
    );
    return (await Promise.all(callers.map((job) => checkContexts(call, job, project)))).flat();
  }
}

function explainSlug(slug: string): Finding | null {
  try {
    parseSlug(slug);
    return null;
  } catch (error) {
    if (!(error instanceof Unfit)) throw error;
    return problem(`its project ${error.message}`, ...error.hints);
  }
}

function notSet(variable: string): Finding {
  return problem(
    `${variable} is not set`,
    "create a personal API token under User Settings, Personal API Tokens, and export it",
  );
}

/** What has other characters fits into no header, and the error of whoever tries would show it. */
function isSendable(token: Secret): boolean {
  return /^[!-~]+$/.test(token.reveal());
}

function notSendable(variable: string): Finding {
  return problem(
    `the text in ${variable} is no token: it has a blank, a line break or another odd character in it`,
    "export the token alone, as it was shown when it was created",
  );
}

const theRest: Section = {
  title: "Projects, jobs and contexts",
  findings: [unknown("not looked at: CircleCI has to know the token first")],
};

/** A person waits for the answers: each request has ten seconds with all its tries, where a job would give it minutes. */
function withLittlePatience(host: Host): Host {
  return {
    ...host,
    get deadline() {
      return host.clock.now() + 10_000;
    },
  };
}

const theConfig = unknown(
  "its parameter, its callback and their contexts are not known: its configuration has to be readable first",
);

interface Child {
  readonly project: Look<Project>;
  readonly config: Look<ConfigFile> | null;
}
