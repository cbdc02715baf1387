import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { renderHtml } from "../simulator/report/html-report.ts";
import { exitCodeOf } from "../simulator/report/outcome.ts";
import { parseDuration } from "../simulator/scenario/duration.ts";
import { loadScenario } from "../simulator/scenario/load-scenario.ts";
import type { Scenario } from "../simulator/scenario/scenario.ts";
import { simulate } from "../simulator/simulate.ts";
import { withInterrupt } from "./interrupt.ts";
import { makeJobRoot } from "./job-root.ts";
import { readArguments } from "./read-arguments.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

export const help = `circleback simulate run SCENARIO [options]

Runs the triggers of a scenario until nothing moves any more, and shows what happens.

  --json FILE         writes the report as JSON
  --html FILE         writes the report as a page to open in a browser
  --out DIR           keeps the folders of the jobs, with their artifacts, in DIR
  --timeout DURATION  ends everything after that time (120s)

Exit code: 0 success, 1 anything else, 2 bad scenario or usage, 8 timed out.
`;

const options = {
  json: { type: "string" },
  html: { type: "string" },
  out: { type: "string" },
  timeout: { type: "string", default: "120s" },
} as const;

export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, file } = readArguments(args, options, { name: "simulate run", file: "a scenario file" });
  const timeout = parseDuration(values.timeout);
  if (timeout === null) {
    throw new UsageError(
      `--timeout must be a duration such as 30s, 5m or 1m30s, not ${JSON.stringify(values.timeout)}.`,
      "circleback simulate run SCENARIO --timeout 120s",
    );
  }
  const loaded = loadScenario(file);
  const jobRoot = makeJobRoot(values.out);
  let keeps = values.out !== undefined;
  try {
    const report = await withInterrupt((signal) =>
      simulate(loaded, {
        jobRoot: jobRoot.path,
        timeout,
        signal,
        onWarning: (sentence) => terminal.err(`Warning: ${sentence}\n`),
      }),
    );
    keeps ||= values.json !== undefined || values.html !== undefined;
    if (values.json !== undefined) write(values.json, `${JSON.stringify(report, null, 2)}\n`, terminal);
    if (values.html !== undefined)
      write(values.html, renderHtml(report, { secrets: listSecrets(loaded.scenario) }), terminal);
    if (keeps) terminal.out(`Jobs and artifacts: ${jobRoot.path}\n`);
    return exitCodeOf(report.outcome);
  } finally {
    if (!keeps) jobRoot.remove();
  }
}

/** What CircleCI masks in the output of a step: the values of contexts and of project environments. */
function listSecrets({ tokens, contexts, projects }: Scenario): readonly string[] {
  return [
    ...tokens.map(({ token }) => token),
    ...[...contexts.map(({ values }) => values), ...projects.map(({ environment }) => environment)].flatMap(
      (variables) => Object.values(variables),
    ),
  ];
}

function write(file: string, text: string, terminal: Terminal): void {
  mkdirSync(dirname(resolve(file)), { recursive: true });
  writeFileSync(resolve(file), text);
  terminal.out(`Report: ${resolve(file)}\n`);
}
