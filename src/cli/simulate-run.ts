import { realClock } from "../simulator/engine/clock.ts";
import { renderHtml } from "../simulator/report/html-report.ts";
import { openLiveView, printLines } from "../simulator/report/live-view.ts";
import { exitCodeOf } from "../simulator/report/outcome.ts";
import type { Report } from "../simulator/report/report.ts";
import type { Screen } from "../simulator/report/screen.ts";
import { summarize } from "../simulator/report/summary.ts";
import { parseDuration } from "../simulator/scenario/duration.ts";
import { type LoadedScenario, loadScenario } from "../simulator/scenario/load-scenario.ts";
import type { Scenario } from "../simulator/scenario/scenario.ts";
import { type SimulateOptions, simulate } from "../simulator/simulate.ts";
import { withInterrupt } from "./interrupt.ts";
import { makeJobRoot } from "./job-root.ts";
import { openOutputFile } from "./output-file.ts";
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
  const json = values.json === undefined ? null : openOutputFile("json", values.json);
  const html = values.html === undefined ? null : openOutputFile("html", values.html);
  const secrets = listSecrets(loaded.scenario);
  const jobRoot = makeJobRoot(values.out);
  let keeps = values.out !== undefined;
  try {
    const { report, warnings } = await watch(loaded, { jobRoot: jobRoot.path, timeout }, terminal.screen);
    keeps ||= json !== null || html !== null;
    printLines(terminal.screen, [[], ...summarize(report, { secrets, htmlFile: html?.path ?? null })]);
    html?.write(renderHtml(report, { secrets }));
    json?.write(`${JSON.stringify(report, null, 2)}\n`);
    if (json !== null) terminal.screen.write(`JSON: ${json.path}\n`);
    if (keeps) terminal.screen.write(`Jobs and artifacts: ${jobRoot.path}\n`);
    for (const warning of warnings) terminal.err(`Warning: ${warning}\n`);
    if (report.outcome === "timed_out") {
      terminal.err(`Error: The run was ended after ${values.timeout}; --timeout gives it more time.\n`);
    }
    return exitCodeOf(report.outcome);
  } finally {
    if (!keeps) jobRoot.remove();
  }
}

/** Runs the scenario with a live view of it on the screen, until its end or an interrupt. */
async function watch(
  loaded: LoadedScenario,
  options: Pick<SimulateOptions, "jobRoot" | "timeout">,
  screen: Screen,
): Promise<{ readonly report: Report; readonly warnings: readonly string[] }> {
  const warnings: string[] = [];
  const view = openLiveView(screen, realClock);
  let last: Report | null = null;
  try {
    const report = await withInterrupt((signal) =>
      simulate(loaded, {
        ...options,
        signal,
        onUpdate: (takeReport) => view.update(takeReport),
        onWarning: (sentence) => warnings.push(sentence),
      }),
    );
    last = report;
    return { report, warnings };
  } finally {
    view.close(last);
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
