import type { Play } from "./play.ts";
import { bot } from "./play.ts";

/** What a campaign has exercised, so that one that tests nothing is seen. */
export class Tally {
  runs = 0;
  readonly #counts = new Map<string, number>();
  readonly #ends = new Map<string, number>();

  add({ engine, commandRuns, requests, faultsFired, eventsApplied }: Play): void {
    this.runs += 1;
    const workflows = engine.pipelines.flatMap((pipeline) => pipeline.workflows);
    const jobs = workflows.flatMap((workflow) => workflow.jobs.filter((job) => job.workflow === workflow));
    const holds = new Map(
      jobs
        .filter(({ name, startedAt }) => name.startsWith("wait-") && startedAt !== null)
        .map((hold) => [hold.id, hold]),
    );
    const held = [...holds.values()];
    this.#add("children", engine.pipelines.filter(({ trigger }) => trigger.type === "api").length);
    this.#add("holds", held.length);
    this.#add("woken by the token", held.filter(({ approvedBy }) => approvedBy?.login === bot).length);
    this.#add(
      "approved by people",
      held.filter(({ approvedBy }) => approvedBy !== null && approvedBy.login !== bot).length,
    );
    this.#add("holds cancelled", held.filter(({ status }) => status === "canceled").length);
    this.#add("reruns", workflows.filter(({ rerunOf }) => rerunOf !== null).length);
    this.#add("faults met", faultsFired);
    this.#add("deeds of people", eventsApplied);
    this.#add(
      "lost children found",
      commandRuns.filter(({ output }) => output.includes("Found it: ")).length,
    );
    this.#add("requests", requests.length);
    for (const { command, end } of commandRuns) {
      const name = `${command} ${end === null ? "cut short" : `${end.exitCode} ${end.errorCode ?? ""}`.trim()}`;
      this.#ends.set(name, (this.#ends.get(name) ?? 0) + 1);
    }
  }

  /** How often there was such a thing, by the words of the description. */
  count(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  describe(): readonly string[] {
    const ends = [...this.#ends].sort(([a], [b]) => (a < b ? -1 : 1));
    return [
      [...this.#counts].map(([name, count]) => `${count} ${name}`).join(", "),
      `How the commands ended: ${ends.map(([name, count]) => `${name} × ${count}`).join(", ")}`,
    ];
  }

  #add(name: string, count: number): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + count);
  }
}
