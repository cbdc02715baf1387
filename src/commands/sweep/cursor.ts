import { parseSlug } from "../../circleci/parameters.ts";
import { normalizeSlug } from "../../circleci/slug.ts";
import type { BrokenRule } from "../../orb/define-command.ts";
import { Unfit } from "../../orb/parameter.ts";

/** The pipeline that a sweep goes on with. */
export interface Cursor {
  readonly project: string;
  readonly number: number;
}

/** Null for an empty text. A number is no page's token: it stays good however many pipelines come in between. */
export function parseCursor(text: string): Cursor | null {
  if (text === "") return null;
  const [, project, number] = /^(.+)#(\d+)$/.exec(text) ?? [];
  if (project !== undefined) return { project: parseSlug(project), number: Number(number) };
  throw new Unfit(`is no place to go on at: "${text}"`, {
    hints: ["Take it from the end of an earlier sweep's output: gh/<org>/<repo>#<pipeline number>."],
  });
}

export function showCursor({ project, number }: Cursor): string {
  return `${project}#${number}`;
}

interface Checked {
  readonly projects: readonly string[];
  readonly cursor: Cursor | null;
}

export function checkCursor({ projects, cursor }: Checked): readonly BrokenRule[] {
  if (cursor === null || projects.some((slug) => isSame(slug, cursor.project))) return [];
  return [
    {
      sentence: `\`cursor\` is at a pipeline of ${cursor.project}, which is not among \`projects\`.`,
      hints: ["Give the same `projects`, in the same order, as to the sweep that has stopped."],
    },
  ];
}

/** What is left to be swept: projects in their order, the first of them from some pipeline on. */
export function goOn({ projects, cursor }: Checked): readonly {
  readonly project: string;
  /** The newest pipeline to look at; null: the newest there is. */
  readonly from: number | null;
}[] {
  const start = cursor === null ? 0 : projects.findIndex((slug) => isSame(slug, cursor.project));
  return projects
    .slice(start)
    .map((project, place) => ({ project, from: place === 0 ? (cursor?.number ?? null) : null }));
}

function isSame(a: string, b: string): boolean {
  return normalizeSlug(a) === normalizeSlug(b);
}
