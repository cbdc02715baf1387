import type { Clock } from "../engine/clock.ts";
import { type Engine, Refusal } from "../engine/engine.ts";
import type { Project, User } from "../engine/state.ts";
import { type EventObject, findMatches, findTarget } from "./events.ts";
import type { ScenarioEvent } from "./scenario.ts";

export interface EventPlayer {
  /** No action is waiting for its delay. */
  isAtRest(): boolean;
  /** Events that have never taken effect, and why the last try of each failed, if there was one. */
  unused(): readonly { readonly event: ScenarioEvent; readonly refusal: string | null }[];
  stop(): void;
}

interface PlayEventsOptions {
  readonly events: readonly ScenarioEvent[];
  readonly engine: Engine;
  readonly clock: Clock;
  readonly findProject: (slug: string) => Project;
  readonly findUser: (login: string) => User;
  /** An action has been tried, so the player may be at rest again. */
  readonly onAction: () => void;
}

/**
 * Does what the events of a scenario say, as soon as their conditions hold. Each object counts once for as long
 * as it meets the condition; an action that is refused is tried again at the next change while it still does.
 */
export function playEvents(options: PlayEventsOptions): EventPlayer {
  const { engine, clock } = options;
  const plays = options.events.map((event) => ({
    event,
    fired: 0,
    waiting: 0,
    refusal: null as string | null,
    taken: new Set<unknown>(),
  }));
  const calledOff = new Set<() => void>();

  type Play = (typeof plays)[number];

  function look(): void {
    for (const play of plays) {
      const matches = new Map(
        findMatches(play.event, engine.pipelines).map((object) => [identity(object), object]),
      );
      for (const gone of [...play.taken].filter((object) => !matches.has(object))) play.taken.delete(gone);
      for (const [id, object] of matches) {
        if (play.taken.has(id) || play.fired + play.waiting >= play.event.times) continue;
        play.taken.add(id);
        play.waiting += 1;
        const callOff = clock.after(play.event.delay, () => {
          calledOff.delete(callOff);
          play.waiting -= 1;
          act(play, object);
          options.onAction();
        });
        calledOff.add(callOff);
      }
    }
  }

  function act(play: Play, object: EventObject): void {
    play.fired += 1;
    try {
      perform(play.event, object, options);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      play.fired -= 1;
      play.refusal = error.message;
      play.taken.delete(identity(object));
    }
  }

  const stopListening = engine.onChange(look);
  look();
  return {
    isAtRest: () => plays.every(({ waiting }) => waiting === 0),
    unused: () => plays.filter(({ fired }) => fired === 0).map(({ event, refusal }) => ({ event, refusal })),
    stop() {
      stopListening();
      for (const callOff of calledOff) callOff();
    },
  };
}

function identity({ pipeline, workflow, job }: EventObject): unknown {
  return job ?? workflow ?? pipeline;
}

function perform(event: ScenarioEvent, matched: EventObject, options: PlayEventsOptions): void {
  const { engine, findProject, findUser } = options;
  const user = findUser(event.with.as);
  if (event.do === "trigger") {
    engine.trigger({
      project: event.with.project === null ? matched.pipeline.project : findProject(event.with.project),
      branch: event.with.branch,
      tag: null,
      parameters: event.with.parameters,
      actor: user,
      type: "api",
    });
    return;
  }
  const target = findTarget(event, matched, engine.pipelines);
  if (target === null || target.workflow === null) {
    throw new Refusal("not-found", `there was nothing to ${event.do}`);
  }
  switch (event.do) {
    case "cancel-workflow":
      engine.cancelWorkflow(target.workflow, user);
      return;
    case "rerun":
      engine.rerun(target.workflow, "all", user);
      return;
    case "rerun-from-failed":
      engine.rerun(target.workflow, "from-failed", user);
      return;
    case "cancel-job":
    case "approve":
      if (target.job === null) throw new Refusal("not-found", `there was nothing to ${event.do}`);
      if (event.do === "approve") engine.approve(target.job, user);
      else engine.cancelJob(target.job, user);
  }
}
