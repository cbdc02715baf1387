import { type Notebook, need } from "./notebook.ts";
import { describeAnswer, seconds } from "./raw-api.ts";
import type { Item, Session } from "./session.ts";

const names = ["in-order", "canceled", "heard", "repeated"];

/** What happens to the approval jobs of a pipeline, which is that of `test/live-check/parent.yml`. */
export async function askAboutHolds(book: Notebook, session: Session, project: string): Promise<void> {
  const workflows = await book.ask(
    "How long after a trigger is its first workflow listed, and what is shown before?",
    (say) => watchStart(session, project, say),
  );
  const idOf = (name: string) => need(workflows?.get(name), `the workflow ${name}`);
  await askInOrder(book, session, project, idOf);
  await askAboutCancel(book, session, idOf);
  await askAboutReruns(book, session, idOf);
}

type IdOf = (workflow: string) => string;

async function watchStart(
  session: Session,
  project: string,
  say: (line: string) => void,
): Promise<ReadonlyMap<string, string>> {
  const { id, answer } = await session.start(project, { "live-check": "holds" });
  say(`trigger: ${describeAnswer(answer)}`);
  const began = performance.now();
  let shown = "";
  const found = await session.untilThere(id, names, (state, workflows) => {
    const seen = workflows.map(({ name, status }) => `${name} ${status}`).sort();
    const line = `pipeline ${state}, ${seen.join(", ") || "no workflow"}`;
    if (line !== shown) say(`after ${seconds(performance.now() - began)}: ${line}`);
    shown = line;
  });
  return new Map(found.map(({ name, id: workflowId }) => [name, workflowId]));
}

/** One hold from blocked to approved, with everything that can be done too early or twice. */
async function askInOrder(book: Notebook, session: Session, project: string, idOf: IdOf): Promise<void> {
  const inOrder = "in-order";
  const blocked = await book.ask("What does an approval of a blocked hold answer?", async (say) => {
    const hold = await session.jobOf(idOf(inOrder), "hold");
    say(
      `the hold is ${hold.status}; approve: ${describeAnswer(await session.approve(idOf(inOrder), hold.id))}`,
    );
    return hold;
  });

  await book.ask("What does a cancel of a blocked hold answer?", async (say) => {
    const never = await session.jobOf(idOf(inOrder), "never");
    const answer = await session.cancelJob(never.id);
    const after = await session.jobOf(idOf(inOrder), "never");
    say(`the hold is ${never.status}; cancel: ${describeAnswer(answer)}; then it is ${after.status}`);
  });

  const waiting = await book.ask(
    "Has a hold the same id while it is blocked and while it waits?",
    async (say) => {
      const gate = await session.jobOf(idOf(inOrder), "gate");
      await session.approve(idOf(inOrder), gate.id);
      const hold = await untilStatus(session, idOf(inOrder), "hold", ["on_hold"]);
      say(hold.id === need(blocked, "the blocked hold").id ? "yes" : "no");
      return hold;
    },
  );

  await book.ask("What does an approval answer, and a second one at once?", async (say) => {
    const { id } = need(waiting, "the waiting hold");
    const began = performance.now();
    for (const which of ["first", "second"])
      say(`${which}: ${describeAnswer(await session.approve(idOf(inOrder), id))}`);
    const hold = await untilStatus(session, idOf(inOrder), "hold", ["success"]);
    say(`the hold is ${hold.status} after ${seconds(performance.now() - began)}`);
    const tick = await untilStatus(session, idOf(inOrder), "tick", ["queued", "running", "success"]);
    say(`the next job is ${tick.status} after ${seconds(performance.now() - began)}`);
  });

  await book.ask("What do approve and cancel answer for a hold that is approved?", async (say) => {
    const { id } = need(waiting, "the approved hold");
    say(`approve: ${describeAnswer(await session.approve(idOf(inOrder), id))}`);
    say(`cancel: ${describeAnswer(await session.cancelJob(id))}`);
  });

  await book.ask("Can an approval job be asked for by its number?", async (say) => {
    const { job_number: number } = await session.jobOf(idOf(inOrder), "hold");
    if (number === null) return say("it has none");
    const answer = await session.api.ask("GET", `/api/v2/project/${project}/job/${number}`);
    return say(`it has a number; GET …/job/{number}: ${describeAnswer(answer)}`);
  });
}

async function askAboutCancel(book: Notebook, session: Session, idOf: IdOf): Promise<void> {
  await book.ask("What becomes of a workflow whose hold is cancelled?", async (say) => {
    const hold = await session.jobOf(idOf("canceled"), "hold");
    say(`cancel: ${describeAnswer(await session.cancelJob(hold.id))}`);
    await sayEnd(session, idOf("canceled"), say);
  });

  await book.ask("What do approve and cancel answer for a hold that is cancelled?", async (say) => {
    const { id } = await session.jobOf(idOf("canceled"), "hold");
    say(`approve: ${describeAnswer(await session.approve(idOf("canceled"), id))}`);
    say(`cancel: ${describeAnswer(await session.cancelJob(id))}`);
  });

  await book.ask(
    "Does a job run that requires the hold with the status canceled, and what is the workflow then?",
    async (say) => {
      const hold = await session.jobOf(idOf("heard"), "hold");
      say(`cancel: ${describeAnswer(await session.cancelJob(hold.id))}`);
      await sayEnd(session, idOf("heard"), say);
    },
  );

  await book.ask("Has API v3 a way to approve a job?", async (say) => {
    const workflow = idOf("canceled");
    const { id } = await session.jobOf(workflow, "hold");
    for (const path of [`/jobs/${id}/approve`, `/workflows/${workflow}/approve/${id}`]) {
      const shown = path.replace(id, "{job}").replace(workflow, "{workflow}");
      say(`POST /api/v3${shown}: ${describeAnswer(await session.api.ask("POST", `/api/v3${path}`))}`);
    }
  });

  await book.ask("Which types do jobs have?", async (say) => {
    const jobs = [...(await session.jobsOf(idOf("in-order"))), ...(await session.jobsOf(idOf("canceled")))];
    say(jobs.map(({ name, type }) => `${name}: ${type}`).join(", "));
  });
}

async function askAboutReruns(book: Notebook, session: Session, idOf: IdOf): Promise<void> {
  await book.ask("Does a rerun from failed make a cancelled hold anew?", async (say) => {
    await sayRerun(session, idOf("canceled"), say);
  });

  await book.ask(
    "What does a rerun from failed keep: an approved hold, a job that succeeded after the failed one?",
    async (say) => {
      const workflow = idOf("repeated");
      const hold = await session.jobOf(workflow, "hold");
      await session.approve(workflow, hold.id);
      await sayEnd(session, workflow, say);
      await sayRerun(session, workflow, say);
    },
  );
}

/** The jobs of a rerun beside those of the run that it repeats; then the rerun is cancelled. */
async function sayRerun(session: Session, workflow: string, say: (line: string) => void): Promise<void> {
  const before = await session.jobsOf(workflow);
  const answer = await session.api.ask("POST", `/api/v2/workflow/${workflow}/rerun`, {
    body: { from_failed: true },
  });
  say(`rerun: ${describeAnswer(answer)}`);
  const { body } = answer;
  if (typeof body !== "object" || body === null || !("workflow_id" in body)) return;
  const rerun = String(body.workflow_id);
  const jobs = await session.until("the jobs of the rerun", async () => {
    const found = await session.jobsOf(rerun);
    return found.length === before.length ? found : null;
  });
  for (const { id, name, status } of jobs) {
    const isKept = before.some((job) => job.id === id);
    say(`${name}: ${isKept ? "the same id" : "a new id"}, ${status}`);
  }
  const cancel = await session.api.ask("POST", `/api/v2/workflow/${rerun}/cancel`);
  const end = await session.untilEnded(rerun);
  say(`cancel of the rerun: ${describeAnswer(cancel)}; it ends ${end.status}`);
}

async function untilStatus(
  session: Session,
  workflow: string,
  name: string,
  wanted: readonly string[],
): Promise<Item> {
  return session.until(`${name} ${wanted.join(" or ")}`, async () => {
    const job = await session.jobOf(workflow, name);
    return wanted.includes(job.status ?? "") ? job : null;
  });
}

async function sayEnd(session: Session, workflow: string, say: (line: string) => void): Promise<void> {
  const { name, status } = await session.untilEnded(workflow);
  const jobs = (await session.jobsOf(workflow)).map((job) => `${job.name} ${job.status}`);
  say(`${name} ends ${status}: ${jobs.join(", ")}`);
}
