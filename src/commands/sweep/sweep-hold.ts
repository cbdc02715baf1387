import { UserError } from "../../errors.ts";
import type { Hold } from "../../protocol/find-hold.ts";
import type { Receipt } from "../../protocol/receipt.ts";
import { resolveHold } from "../../protocol/resolve.ts";
import { chooseDeed, type OnFailure } from "../../protocol/wished-deed.ts";
import { type FoundChild, findChild } from "./find-child.ts";
import type { ReadReceipts } from "./read-receipts.ts";
import type { Place, Sweep } from "./sweep-pipeline.ts";

/** To decide a hold takes a moment; whatever takes longer is for the next sweep. */
const timeout = 30_000;

/** Resolves a hold whose children have all ended. One that no receipt names is somebody else's. */
export async function sweepHold(sweep: Sweep, place: Place, hold: Hold, read: ReadReceipts): Promise<void> {
  const { api, host, input, tally } = sweep;
  const receipts = await findReceiptsOf(hold, read);
  if (receipts.length === 0) {
    host.log.info(`${place.name}: \`${hold.name}\` is left alone: no receipt names it.`);
    return;
  }
  const leave = (why: string) => {
    tally.left++;
    host.log.info(`${place.name}: \`${hold.name}\` is left as it is: ${why}.`);
  };
  const children: FoundChild[] = [];
  for (const receipt of receipts) children.push(await findChild(api, host, input.host, receipt));
  for (const child of children) tally.noteUnseen(child, place.name);
  const open = children.filter(({ state }) => state.ending === null);
  if (open.length > 0) return leave(describe(open));

  const why = describe(children);
  const deed = await chooseForAll(sweep, children);
  if (deed === "leave") return leave(`${why}; its \`on-failure: leave\` asks for a human`);
  const done = deed === "approve" ? "approved" : "cancelled";
  if (input.dryRun) {
    tally[deed === "approve" ? "approved" : "canceled"]++;
    host.log.info(`${place.name}: \`${hold.name}\` would be ${done}: ${why}. ${place.url}`);
    return;
  }
  const { end, hold: resolved } = await resolveHold(
    api,
    host,
    {
      pipelineId: place.pipelineId,
      workflowId: hold.workflowId,
      hold: hold.name,
      deed,
      // The hold of a rerun is looked at by itself.
      vouch: async ({ jobId, name }) => {
        if (jobId === hold.jobId) return true;
        throw new UserError("hold.foreign", `\`${name}\` of another run is not this one.`);
      },
    },
    timeout,
  );
  if (end !== "done") {
    const state = end === "already-approved" ? "approved" : resolved.status;
    host.log.info(`${place.name}: \`${hold.name}\` is ${state} meanwhile: somebody else was faster.`);
    return;
  }
  tally[deed === "approve" ? "approved" : "canceled"]++;
  host.log.info(`${place.name}: \`${hold.name}\` is ${done}: ${why}. ${place.url}`);
}

/** Those of the jobs that the hold requires: no other job has a say in it. */
async function findReceiptsOf({ name, upstream }: Hold, read: ReadReceipts): Promise<readonly Receipt[]> {
  const receipts: Receipt[] = [];
  for (const job of upstream)
    receipts.push(...(await read(job)).receipts.filter(({ hold }) => hold === name));
  return receipts;
}

/** The most careful of what the children's callbacks would have done. */
async function chooseForAll({ api }: Sweep, children: readonly FoundChild[]): Promise<OnFailure> {
  const deeds: OnFailure[] = [];
  for (const { child, state } of children) {
    // Where there never was a child, nobody has asked for anything but the truth, which check-status tells.
    deeds.push(child === null ? "approve" : await chooseDeed(api, child.id, state));
  }
  const [careful = "approve"] = (["leave", "cancel"] as const).filter((deed) => deeds.includes(deed));
  return careful;
}

function describe(children: readonly FoundChild[]): string {
  const sentences = children.map(({ name, state: { ending, words, workflows } }) => {
    const isSilent = ending !== null && workflows.length > 0;
    return `${name} ${words}${isSilent ? ", and has not called back" : ""}`;
  });
  return sentences.join("; ");
}
