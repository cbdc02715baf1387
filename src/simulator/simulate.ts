import { identifyUser } from "./api/users.ts";
import { type Clock, realClock } from "./engine/clock.ts";
import { openSimulation, type Simulation } from "./open-simulation.ts";
import { buildReport } from "./report/build-report.ts";
import type { Report } from "./report/report.ts";
import type { LoadedScenario } from "./scenario/load-scenario.ts";
import { type EventPlayer, playEvents } from "./scenario/play-events.ts";

export interface SimulateOptions {
  /** An existing folder for the jobs, absolute. Artifacts of the report lie in it. */
  readonly jobRoot: string;
  /** Milliseconds after which everything is ended. */
  readonly timeout: number;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Called after every change, with a function that makes the report of this moment. */
  readonly onUpdate?: (takeReport: () => Report) => void;
  /** Called at the end for each thing that a person should know and the report has no place for: one sentence. */
  readonly onWarning?: (sentence: string) => void;
  /** Ends everything at once; the run then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** Runs a scenario until nothing moves any more, and reports what happened. Leaves no process behind. */
export async function simulate(loaded: LoadedScenario, options: SimulateOptions): Promise<Report> {
  const { clock = realClock, random = Math.random, jobRoot, signal } = options;
  signal?.throwIfAborted();
  const startedAt = clock.now();
  const simulation = await openSimulation(loaded, { clock, random, jobRoot, port: 0 });
  const { engine, api } = simulation;
  let settle: (end: "rest" | "timeout" | "interrupt") => void = () => {};
  const ended = new Promise<"rest" | "timeout" | "interrupt">((resolve) => {
    settle = resolve;
  });
  const interrupt = () => settle("interrupt");
  signal?.addEventListener("abort", interrupt);
  const calmDown = () => {
    if (engine.isAtRest() && events.isAtRest()) settle("rest");
  };
  const events = playEvents({
    events: loaded.scenario.events,
    engine,
    clock,
    findProject: simulation.findProject,
    findUser: identifyUser,
    onAction: calmDown,
  });
  const stops = [clock.after(options.timeout, () => settle("timeout")), () => events.stop()];
  try {
    const [first] = simulation.trigger();
    const takeReport = (timedOut: boolean) =>
      buildReport({
        pipelines: engine.pipelines,
        first: first ?? null,
        requests: api.requests,
        unused: listUnused(loaded, simulation, events),
        startedAt,
        stoppedAt: clock.now(),
        timedOut,
      });
    const update = () => options.onUpdate?.(() => takeReport(false));
    stops.push(engine.onChange(update), api.onRequest(update), engine.onChange(calmDown));
    update();
    calmDown();
    const end = await ended;
    if (end === "interrupt") throw signal?.reason;
    for (const warning of listWarnings(simulation, events)) options.onWarning?.(warning);
    return takeReport(end === "timeout");
  } finally {
    signal?.removeEventListener("abort", interrupt);
    for (const stop of stops) stop();
    await simulation.close();
  }
}

/** What of the scenario never came into play, as the scenario wrote it. */
function listUnused(
  { scenario }: LoadedScenario,
  { api }: Simulation,
  events: EventPlayer,
): Report["unused"] {
  return {
    faults: scenario.faults.filter((_, index) => api.faultsFired[index] === 0).map(({ source }) => source),
    events: events.unused().map(({ event }) => event.source),
  };
}

function listWarnings({ api }: Simulation, events: EventPlayer): readonly string[] {
  const refused = events.unused().flatMap(({ event, refusal }) => {
    const condition = JSON.stringify(event.on, (_, value: unknown) => value ?? undefined);
    return refusal === null ? [] : [`The event on ${condition} could not ${event.do}: ${refusal}`];
  });
  const leaked = api.leaks.map(
    ({ path, header }) =>
      `A ${header} header was sent to the origin of artifacts, which is not the API: ${path}`,
  );
  return [...refused, ...leaked];
}
