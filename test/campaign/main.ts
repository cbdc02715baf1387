import { randomInt } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { parseArgs } from "node:util";
import { runCampaign, shrinkFailure } from "./campaign.ts";
import { makeWorld } from "./make-world.ts";
import { nameOf } from "./oracle/findings.ts";
import { judgePlay } from "./oracle/judge-play.ts";
import type { Violation } from "./oracle/violation.ts";
import { play } from "./play.ts";
import { program } from "./program.ts";
import { writeScenario } from "./scenario/write-scenario.ts";
import { readWorld, writeWorld } from "./world-file.ts";

const usage = `Plays random worlds of pipelines with circleback's commands in them, and judges what became of them.

  npm run campaign -- [--runs 300] [--seed N]   N, N + 1 … are the seeds of the worlds; without: a random one
  npm run campaign -- --replay FILE             plays a world that was written, and shows all that was printed
  --keep FOLDER                                 where worlds that fail are written, as a world and as a scenario (dist/campaign)`;

/** A sweep looks for a child whose trigger was never answered no sooner than so many milliseconds after it. */
const sweepPatience = 35_000;

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "300" },
    seed: { type: "string" },
    replay: { type: "string" },
    keep: { type: "string", default: join("dist", "campaign") },
    help: { type: "boolean", default: false },
  },
});

if (values.help) console.log(usage);
else if (values.replay !== undefined) process.exitCode = await replay(values.replay);
else
  process.exitCode = await campaign(
    Number(values.runs),
    Number(values.seed ?? randomInt(1_000_000_000)),
    values.keep,
  );

async function campaign(runs: number, seed: number, folder: string): Promise<number> {
  if (!Number.isSafeInteger(runs) || runs < 1 || !Number.isSafeInteger(seed)) {
    console.error(usage);
    return 2;
  }
  const start = performance.now();
  const { tally, failures } = await runCampaign(program, { seed, runs });
  const seconds = (performance.now() - start) / 1000;
  for (const failure of failures) await report(failure.seed, failure.violations, folder);
  for (const line of tally.describe()) console.log(line);
  const speed = `${seconds.toFixed(1)} s, ${(runs / seconds).toFixed(0)} a second`;
  console.log(
    `${runs} runs, seeds ${seed} to ${seed + runs - 1} (${speed}): ${failures.length} with violations`,
  );
  return failures.length === 0 ? 0 : 1;
}

async function report(seed: number, violations: readonly Violation[], folder: string): Promise<void> {
  console.log(`Seed ${seed}:`);
  for (const line of show(violations)) console.log(`  ${line}`);
  const [first] = violations;
  if (first === undefined) return;
  const world = await shrinkFailure(program, makeWorld(seed), first.rule);
  const played = await play(world, program);
  const remarks = [`Made smaller from the world of seed ${seed}.`, ...show(judgePlay(played))];
  const place = join(folder, `${first.rule}-${seed}`);
  const files = writeScenario(world, {
    remarks,
    orb: relative(place, join("dist", "orb.yml")),
    lastSweep: played.restedAt + sweepPatience,
  });
  for (const [file, text] of Object.entries({ ...files, "world.yml": writeWorld(world, remarks) })) {
    mkdirSync(dirname(join(place, file)), { recursive: true });
    writeFileSync(join(place, file), text);
  }
  console.log(`  as small as can be: npm run campaign -- --replay ${join(place, "world.yml")}`);
  console.log(
    `  with real jobs, in real time: npm run build && node dist/circleback.js simulate run ${join(place, "scenario.yml")} --timeout 10m`,
  );
}

async function replay(file: string): Promise<number> {
  const played = await play(readWorld(readFileSync(file, "utf8")), program);
  const since = played.engine.pipelines[0]?.createdAt ?? 0;
  const at = (time: number | null) => (time === null ? "" : `${((time - since) / 1000).toFixed(1)} s`);
  for (const pipeline of played.engine.pipelines) {
    console.log(`${nameOf(pipeline)} by ${pipeline.trigger.actor.login} at ${at(pipeline.createdAt)}`);
    for (const workflow of pipeline.workflows) {
      console.log(`  ${workflow.name}: ${workflow.status}`);
      for (const job of workflow.jobs.filter((each) => each.workflow === workflow)) {
        console.log(`    ${job.name}: ${job.status} ${at(job.startedAt)} – ${at(job.stoppedAt)}`);
        const runs = played.commandRuns.filter(
          ({ jobId, startedAt }) => jobId === job.id && startedAt >= workflow.createdAt,
        );
        for (const { command, output, end } of runs) {
          const lines = output.trimEnd().split("\n");
          for (const line of [`${command}, exit ${end?.exitCode ?? "none"}`, ...lines])
            console.log(`      | ${line}`);
        }
      }
    }
  }
  const violations = judgePlay(played);
  for (const line of show(violations)) console.log(line);
  console.log(violations.length === 0 ? "No violation." : `${violations.length} violations`);
  return violations.length === 0 ? 0 : 1;
}

function show(violations: readonly Violation[]): readonly string[] {
  return violations.map(({ rule, sentence }) => `${rule}: ${sentence}`);
}
