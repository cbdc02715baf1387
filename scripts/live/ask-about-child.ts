import * as v from "valibot";
import { type Notebook, need } from "./notebook.ts";
import { describeAnswer, type RawAnswer, seconds } from "./raw-api.ts";
import type { Item, Session } from "./session.ts";

const Artifacts = v.object({ items: v.array(v.object({ path: v.string(), url: v.string() })) });
type Artifact = v.InferOutput<typeof Artifacts>["items"][number];

const Me = v.object({ login: v.string() });
const Triggered = v.object({ trigger: v.object({ actor: Me }) });

/** So long a waiting workflow is watched, in milliseconds. */
const watchFor = 6_000;

/** What a triggered pipeline tells about itself and about where it runs; it is that of `test/live-check/child.yml`. */
export async function askAboutChild(book: Notebook, session: Session, project: string): Promise<void> {
  await book.ask(
    "Does pipeline/run work without definition_id, and what is a pipeline without workflows?",
    async (say) => {
      const answer = await session.api.ask("POST", `/api/v2/project/${project}/pipeline/run`, { body: {} });
      say(`POST …/pipeline/run {}: ${describeAnswer(answer)}`);
      const id = session.remember(answer);
      if (id === null) return;
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      say(`2 s later: ${describeAnswer(await session.api.ask("GET", `/api/v2/pipeline/${id}`))}`);
      say(`its workflows: ${(await session.workflowsOf(id)).map(({ name }) => name).join(", ") || "none"}`);
    },
  );

  await askAboutFacts(book, session, project);

  await book.ask(
    "Which status and which jobs does a workflow have while it waits for its serial group?",
    async (say) => {
      const first = await session.start(project, { "live-check": "queue" });
      await session.until("a running job", async () => {
        const { jobs } = await readQueue(session, first.id);
        return jobs.some(({ status }) => status === "running") ? jobs : null;
      });
      const second = await session.start(project, { "live-check": "queue" });
      await session.untilThere(second.id, ["queue"]);
      const seen = new Set<string>();
      const began = performance.now();
      const { workflow, jobs } = await session.until("the serial group", async () => {
        const queue = await readQueue(session, second.id);
        const states = queue.jobs.map(({ name, status }) => `${name} ${status}`);
        seen.add(`workflow ${queue.workflow.status}: ${states.join(", ")}`);
        return performance.now() - began > watchFor ? queue : null;
      });
      for (const line of seen) say(line);
      say(`types: ${jobs.map(({ name, type }) => `${name}: ${type}`).join(", ")}`);
      const cancel = await session.api.ask("POST", `/api/v2/workflow/${workflow.id}/cancel`);
      say(`cancel of it: ${describeAnswer(cancel)}`);
    },
  );
}

async function askAboutFacts(book: Notebook, session: Session, project: string): Promise<void> {
  const mark = `mark-${Date.now()}`;
  const started = await book.ask(
    "Where does a pipeline show the parameters that it was triggered with?",
    async (say) => {
      const { id } = await session.start(project, { "live-check": "facts", echo: mark });
      const [facts] = await session.untilThere(id, ["facts"]);
      for (const part of ["", "/values", "/config"]) {
        const answer = await session.api.ask("GET", `/api/v2/pipeline/${id}${part}`);
        const holds = JSON.stringify(answer.body).includes(mark);
        say(
          `GET /pipeline/{id}${part}: ${answer.status}, ${holds ? "shows" : "does not show"} the value; ${shapeOf(answer)}`,
        );
      }
      return { pipeline: id, workflow: need(facts, "the workflow facts").id };
    },
  );

  await book.ask("Whom does a pipeline name that this token has triggered?", async (say) => {
    const { pipeline } = need(started, "a pipeline");
    const me = await session.api.ask("GET", "/api/v2/me");
    const { body } = await session.api.ask("GET", `/api/v2/pipeline/${pipeline}`);
    const actor = v.is(Triggered, body) ? body.trigger.actor.login : "nobody";
    const own = v.is(Me, me.body) ? me.body.login : "unknown";
    say(
      `trigger.actor.login is ${actor === own ? "the login of /me" : `${actor}, and the login of /me ${own}`}`,
    );
  });

  const ends = await book.ask(
    "How do these jobs end: on Docker, on a machine, with `shell: node`, in the CLI's image?",
    async (say) => {
      const began = performance.now();
      const { workflow } = need(started, "the workflow facts");
      await session.untilEnded(workflow);
      const jobs = await session.jobsOf(workflow);
      say(
        `after ${seconds(performance.now() - began)}: ${jobs.map(({ name, status }) => `${name} ${status}`).join(", ")}`,
      );
      return jobs;
    },
  );

  const artifacts = await book.ask("Where do artifacts lie, and do they ask for the token?", async (say) => {
    const found: [Item, Artifact][] = [];
    for (const job of need(ends, "the jobs of the workflow facts").filter(
      (each) => each.job_number !== null,
    )) {
      const list = await session.api.ask("GET", `/api/v2/project/${project}/${job.job_number}/artifacts`);
      if (v.is(Artifacts, list.body)) for (const artifact of list.body.items) found.push([job, artifact]);
    }
    const [, first] = need(found[0], "an artifact");
    say(`on ${new URL(first.url).host}`);
    for (const as of ["none", "circle-token"] as const) {
      const answer = await session.api.ask("GET", first.url, { as });
      const location = answer.headers.get("location");
      const to = location === null ? "" : `, to ${new URL(location, first.url).host}`;
      say(`${as === "none" ? "without a token" : "with the token"}: ${answer.status}${to}`);
    }
    return found;
  });

  await book.ask(
    "How are steps executed, which Node.js is there, what becomes of escapes, which CLI is in its image?",
    async (say) => {
      for (const [job, { path, url }] of need(artifacts, "the artifacts")) {
        say(`${job.name}, ${path}: ${await download(session, url)}`);
      }
    },
  );
}

async function download(session: Session, url: string): Promise<string> {
  let answer = await session.api.ask("GET", url);
  for (
    let location = answer.headers.get("location");
    location !== null;
    location = answer.headers.get("location")
  ) {
    answer = await session.api.ask("GET", new URL(location, url).href, { as: "none" });
  }
  return typeof answer.body === "string"
    ? answer.body.trim().replaceAll("\n", " / ")
    : JSON.stringify(answer.body);
}

async function readQueue(
  session: Session,
  pipeline: string,
): Promise<{ readonly workflow: Item; readonly jobs: readonly Item[] }> {
  const [workflow] = await session.untilThere(pipeline, ["queue"]);
  const { id } = need(workflow, "the workflow queue");
  return { workflow: await session.workflow(id), jobs: await session.jobsOf(id) };
}

function shapeOf({ body }: RawAnswer): string {
  return typeof body === "object" && body !== null ? `keys: ${Object.keys(body).join(", ")}` : "no object";
}
