import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { askAboutAccess } from "./live/ask-about-access.ts";
import { askAboutChild } from "./live/ask-about-child.ts";
import { askAboutHolds } from "./live/ask-about-holds.ts";
import { notAsked } from "./live/not-asked.ts";
import { Notebook } from "./live/notebook.ts";
import { createRawApi } from "./live/raw-api.ts";
import { Session } from "./live/session.ts";

/** Asks a CircleCI what only the live service can tell, prints what it answered, and leaves nothing running. */

const usage = `Usage: CIRCLE_TOKEN=… scripts/live-check PARENT CHILD

PARENT and CHILD are slugs of two projects that have nothing else to do: gh/org/repo. Their configurations:
scripts/live-check --print-configs. It takes some minutes and a few credits; --host says where CircleCI is.

  --host URL             CIRCLE_HOST, or else https://circleci.com
  --branch NAME          with those configurations; default: each project's default branch
  --definition SLUG=ID   a pipeline definition, which projects of GitHub App need; once for each project
  --print-configs        print both configurations
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    host: { type: "string", default: process.env.CIRCLE_HOST || "https://circleci.com" },
    branch: { type: "string", default: "" },
    definition: { type: "string", multiple: true, default: [] },
    "print-configs": { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

function fail(sentence: string): never {
  console.error(`${sentence}\n\n${usage}`);
  process.exit(2);
}

if (values.help) {
  console.log(usage);
  process.exit(0);
}
if (values["print-configs"]) {
  for (const name of ["parent", "child"]) {
    console.log(readFileSync(new URL(`../test/live-check/${name}.yml`, import.meta.url), "utf8"));
  }
  process.exit(0);
}
const [parent, child, ...rest] = positionals;
if (parent === undefined || child === undefined || rest.length > 0) fail("It takes two projects.");
const token = process.env.CIRCLE_TOKEN || fail("CIRCLE_TOKEN is not set.");

const interrupt = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.once(name, () => interrupt.abort(new Error(`${name}: cleaning up …`)));
}
const book = new Notebook((line) => console.log(line.replaceAll(token, "[token]")), interrupt.signal);
const session = new Session({
  api: createRawApi(values.host, token),
  signal: interrupt.signal,
  branch: values.branch,
  definitions: new Map(
    values.definition.map((text): [string, string] => {
      const [slug = "", id = ""] = text.split("=");
      return [slug, id];
    }),
  ),
});

book.note(`Asking ${values.host} about ${parent} and ${child}, on ${new Date().toISOString()}.`);
try {
  await askAboutAccess(book, session.api, parent);
  await askAboutHolds(book, session, parent);
  await askAboutChild(book, session, child);
} catch (error) {
  book.note(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  const left = await session.cleanUp();
  book.note(left.length === 0 ? "\nNothing is left open." : `\nSTILL OPEN: ${left.join(", ")}`);
  if (left.length > 0) process.exitCode = 1;
}
book.note("\nNot asked:");
for (const [question, reason] of notAsked) book.note(`- ${question} (${reason})`);
if (book.open > 0) process.exitCode = 1;
