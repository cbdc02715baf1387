import * as v from "valibot";
import type { Environment, Files } from "../../host/host.ts";
import { Unfit } from "../../orb/parameter.ts";
import { persistedRoot } from "../../orb/persisted.ts";

/** Relative to the job's working directory. */
export const threadsFolder = ".circleback/slack";

const id = v.pipe(v.string(), v.nonEmpty());

const Schema = v.object({
  version: v.literal(1),
  thread: v.string(),
  /** When the message was posted first, in milliseconds since 1970. */
  startedAt: v.number(),
  writtenAt: v.number(),
  messages: v.array(v.object({ name: v.string(), channel: id, ts: id })),
});

/** Where the message that lives is: one for each channel, by the name that the configuration gives it. */
type Note = v.InferOutput<typeof Schema>;
export type KeptMessage = Note["messages"][number];

export interface Kept {
  readonly startedAt: number;
  readonly messages: ReadonlyMap<string, KeptMessage>;
}

/** What earlier jobs and steps have posted for this thread; null: nothing. */
export async function readKept(files: Files, thread: string): Promise<Kept | null> {
  const notes: Note[] = [];
  for (const file of await files.list(threadsFolder)) {
    const note = parseNote((await files.read(`${threadsFolder}/${file}`)) ?? "");
    if (note?.thread === thread) notes.push(note);
  }
  if (notes.length === 0) return null;
  notes.sort((a, b) => a.writtenAt - b.writtenAt);
  return {
    startedAt: Math.min(...notes.map(({ startedAt }) => startedAt)),
    messages: new Map(notes.flatMap(({ messages }) => messages.map((each) => [each.name, each] as const))),
  };
}

/** Every job has a file of its own, since CircleCI attaches no file that two jobs have persisted side by side. */
export async function writeKept(files: Files, note: Omit<Note, "version">, env: Environment): Promise<void> {
  const name = `${note.thread}.${env.CIRCLE_WORKFLOW_JOB_ID ?? "job"}-${env.CIRCLE_NODE_INDEX ?? "0"}.json`;
  const text = `${JSON.stringify({ version: 1, ...note } satisfies Note)}\n`;
  await files.write(`${threadsFolder}/${name}`, text);
  await files.write(`${persistedRoot}/${threadsFolder}/${name}`, text);
}

/** Throws `Unfit`. */
export function parseThread(text: string): string {
  if (/^([A-Za-z0-9][\w-]{0,63})?$/.test(text)) return text;
  throw new Unfit(`is no name for a thread: "${text}"`, {
    hints: ["Use up to 64 letters, digits, dashes and underscores, a letter or digit first."],
  });
}

function parseNote(text: string): Note | null {
  try {
    return v.parse(Schema, JSON.parse(text));
  } catch {
    return null;
  }
}
