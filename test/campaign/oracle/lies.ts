import { variableOf } from "../../../src/orb/define-command.ts";
import type { Job } from "../../../src/simulator/engine/state.ts";
import type { CommandRun } from "../machine-runner.ts";
import { bot } from "../play.ts";
import { type Findings, nameJob, nameOf, readReceipt, type Sighting } from "./findings.ts";
import { countingRuns, truthOf } from "./truth.ts";
import type { Violation } from "./violation.ts";

/** Every verdict is the truth of the moment that the service last told the job of. */
export function findLies(record: Findings): readonly Violation[] {
  return [...findFalseVerdicts(record), ...findFalseHaste(record)];
}

/** Whether a hold was approved too early is told just as truly. */
function findFalseHaste(record: Findings): readonly Violation[] {
  return record.play.commandRuns.flatMap((run): readonly Violation[] => {
    if (run.command !== "check-status" || run.end === null || read(run, "allow-early-approval") === "true")
      return [];
    const isBlamed = run.end.errorCode === "hold.early";
    if (!isBlamed && run.end.exitCode !== 0) return [];
    const hasty = splitList(read(run, "receipts")).map((name) => hasteOf(record, run, name));
    const where = nameJob(record.job(run.jobId));
    if (isBlamed && !hasty.some(({ any }) => any)) {
      return [{ rule: "lies", sentence: `${where} speaks of haste, but all had ended.` } as const];
    }
    if (!isBlamed && hasty.some(({ own }) => own)) {
      return [
        { rule: "lies", sentence: `${where} says nothing of a hold that was approved too early.` } as const,
      ];
    }
    return [];
  });
}

/** Which jobs of a child had not ended when its hold was approved: any, and such as do not call back. */
function hasteOf(
  record: Findings,
  run: CommandRun,
  receipt: string,
): { readonly any: boolean; readonly own: boolean } {
  const { child, hold: name } = readReceipt(run.receipts.get(receipt) ?? "{}");
  const hold = record.job(run.jobId).workflow.jobs.find((job) => job.name === name);
  const pipeline = record.pipelineAt(child ?? "", run.end?.at ?? 0);
  if (hold?.status !== "success" || hold.stoppedAt === null || pipeline === undefined)
    return { any: false, own: false };
  const approvedAt = hold.stoppedAt;
  const before = {
    ...pipeline,
    workflows: pipeline.workflows.filter(({ createdAt }) => createdAt < approvedAt),
  };
  const counting = countingRuns(before, splitList(read(run, "child-workflows")));
  const open = counting
    .flatMap(({ jobs }) => jobs)
    .filter(({ stoppedAt }) => stoppedAt === null || stoppedAt > approvedAt);
  const isRepeated = counting.some(({ name, autoRerunNumber: number }) =>
    pipeline.workflows.some(
      (other) => other.name === name && other.autoRerunNumber === number + 1 && other.createdAt >= approvedAt,
    ),
  );
  const callsBack = (job: Job) =>
    record.callbackOf(job.workflow)?.in === job.name || record.isOwnCallback(job);
  const isByToken = hold.approvedBy?.login === bot;
  return {
    any: open.length > 0 || isRepeated,
    own: !isByToken && open.some((job) => job.stoppedAt !== null && !callsBack(job)),
  };
}

function findFalseVerdicts(record: Findings): readonly Violation[] {
  return record.play.commandRuns.flatMap((run) => {
    const isJudge = run.command === "check-status" || (run.command === "trigger-and-wait" && polls(run));
    if (!isJudge || run.end === null) return [];
    const isGood = run.end.exitCode === 0;
    if (!isGood && run.end.errorCode !== "child.failed") return [];
    return judge(record, run, isGood).map((sentence) => ({ rule: "lies", sentence }) as const);
  });
}

function polls(run: CommandRun): boolean {
  return read(run, "wait") === "true" && read(run, "approval-job") === "";
}

function read({ environment }: CommandRun, parameter: string): string {
  return environment[variableOf(parameter)] ?? "";
}

function judge(record: Findings, run: CommandRun, isGood: boolean): readonly string[] {
  const names = run.command === "check-status" ? read(run, "receipts") : read(run, "receipt");
  const words = splitList(names).map((name) => judgeOne(record, run, name));
  const broken = words.flatMap(({ broken: sentence }) => sentence ?? []);
  if (broken.length > 0) return broken;
  const where = `${run.command} in ${nameJob(record.job(run.jobId))}`;
  if (isGood) {
    const bad = words.filter(({ isFine }) => !isFine.includes(true));
    return bad.map(({ words: truth }) => `${where} passed although ${truth}.`);
  }
  const couldFail = words.some(({ isFine }) => isFine.includes(false));
  return couldFail ? [] : [`${where} failed although ${words.map(({ words: truth }) => truth).join(", ")}.`];
}

interface Opinion {
  /** Whether the child counts as successful: both where the moment was a turning point. */
  readonly isFine: readonly boolean[];
  readonly words: string;
  /** What is wrong even before the child is looked at. */
  readonly broken: string | null;
}

function judgeOne(record: Findings, run: CommandRun, receipt: string): Opinion {
  const { child } = readReceipt(run.receipts.get(receipt) ?? "{}");
  const where = `${run.command} in ${nameJob(record.job(run.jobId))}`;
  const pipeline = child === null ? undefined : record.pipeline(child);
  if (child === null || pipeline === undefined) {
    return { isFine: [], words: "", broken: `${where} has judged a child that does not exist.` };
  }
  if (pipeline.state === "errored" || isStuck(record, run))
    return { isFine: [false], words: "it never started", broken: null };
  const look = findLook(record, run, child);
  if (look === undefined) {
    return { isFine: [], words: "", broken: `${where} has judged ${nameOf(pipeline)} without a look at it.` };
  }
  const truths = truthsAt(record, run, child, look);
  const good = splitList(read(run, "success-on"));
  const isSoft = read(run, "soft-fail") === "true";
  const known = truths.filter((truth) => truth !== null);
  const isFine = known.map((truth) => good.includes(truth) || isSoft);
  return {
    isFine,
    words: `${nameOf(pipeline)} was ${truths.map((truth) => truth ?? "under way").join(" or ")}`,
    broken: null,
  };
}

/** The setup workflow failed, so that there is nothing else to look at. */
function isStuck(_record: Findings, { output }: CommandRun): boolean {
  return output.includes("The setup workflow of");
}

/** The last look of this run at the child's workflows. */
function findLook(record: Findings, run: CommandRun, child: string): Sighting | undefined {
  const end = run.end?.at ?? Number.POSITIVE_INFINITY;
  return record
    .sightingsOf(run.jobId)
    .findLast(
      ({ request, at }) =>
        at > run.startedAt &&
        at <= end &&
        request.status === 200 &&
        request.path === `/api/v2/pipeline/${child}/workflow`,
    );
}

/** A request may come in the very millisecond of a change, and be answered before or after it. */
function truthsAt(
  record: Findings,
  run: CommandRun,
  child: string,
  { shows }: Sighting,
): readonly (string | null)[] {
  const patterns = splitList(read(run, "child-workflows"));
  const forgives = sawAllArtifacts(record, run) ? [true] : [true, false];
  const truths = [shows, shows - 1].flatMap((time) => {
    const pipeline = record.pipelineAt(child, time);
    if (pipeline === undefined) return [];
    return forgives.map((each) => truthOf(record, pipeline, { patterns, forgives: each }));
  });
  return [...new Set(truths)];
}

/** Where the service showed an old list, the note of a callback may not have been on it. */
function sawAllArtifacts(record: Findings, run: CommandRun): boolean {
  return record
    .sightingsOf(run.jobId)
    .every(({ request, at, shows }) => at === shows || !request.path.endsWith("/artifacts"));
}

function splitList(text: string): readonly string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
}
