import { type CircleCi, createClient } from "../../circleci/client.ts";
import { readJobEnvironment } from "../../circleci/job-environment.ts";
import type { Job } from "../../circleci/schemas.ts";
import { UserError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { awaitResults } from "../../protocol/await-results.ts";
import { type Child, nameChild } from "../../protocol/child.ts";
import { findEarlyApproval, type Looked } from "../../protocol/early-approval.ts";
import { judgeChild } from "../../protocol/judge-child.ts";
import { type Receipt, readReceipt, receiptPath } from "../../protocol/receipt.ts";
import { reportResults } from "../../protocol/report-results.ts";
import type { JudgedChild } from "../../protocol/show-result.ts";
import { collectOutputs } from "./collect-outputs.ts";
import type { CheckInput } from "./definition.ts";
import type { Variable } from "./export-outputs.ts";
import { refuseTwin } from "./refuse-twin.ts";

export async function checkStatus(input: CheckInput, host: Host): Promise<void> {
  const receipts = new Map<Child, Receipt>();
  for (const name of input.receipts) {
    const receipt = await requireReceipt(name, host);
    receipts.set(childOf(receipt), receipt);
  }
  const api = createClient(host, input.host, input.token);
  const results = await awaitResults(api, host, [...receipts.keys()], {
    patterns: input.childWorkflows,
    timeout: input.timeout,
    first: 1_000,
    longest: 15_000,
  });

  const self = readJobEnvironment(host.env);
  const siblings = await api.jobsOf(self.workflowId);
  const judged: JudgedChild[] = [];
  const faults: UserError[] = [];
  const variables: Variable[] = [];
  for (const result of results) {
    // Any job may have left outputs.
    const { findings, ...judgement } = await judgeChild(api, result.child.id, result.workflows, () => true);
    judged.push({ child: result.child, ...judgement });
    const receipt = receipts.get(result.child);
    if (receipt === undefined) continue;
    const twin = refuseTwin(api, siblings, self.jobId, receipt);
    await twin.catch((error: unknown) => faults.push(asFault(error)));
    const haste = reportEarlyApproval(api, host, siblings, receipt, input, {
      child: result.child,
      looked: {
        runs: result.runs,
        patterns: input.childWorkflows,
        known: judgement.workflows,
        findings,
      },
    });
    await haste.catch((error: unknown) => faults.push(asFault(error)));
    await collectOutputs(api, host, receipt.receipt, result.child, findings, variables).then(
      (more) => variables.push(...more),
      (error: unknown) => faults.push(asFault(error)),
    );
  }
  const policy = { ...input, origin: input.host, isFailing: faults.length > 0 };
  await reportResults(api, host, judged, policy).catch((error: unknown) => {
    for (const { message } of faults) host.log.warn(message);
    throw error;
  });
  const [first, ...others] = faults;
  for (const { message } of others) host.log.warn(message);
  if (first !== undefined) throw first;
}

/** What is wrong beside a child's result must not keep anybody from hearing that. */
function asFault(error: unknown): UserError {
  if (error instanceof UserError) return error;
  throw error;
}

/** Whoever may push to the parent may approve its holds: the result is the child's own all the same, but the haste is told. */
async function reportEarlyApproval(
  api: CircleCi,
  host: Host,
  siblings: readonly Job[],
  receipt: Receipt,
  { allowEarlyApproval }: CheckInput,
  { child, looked }: { readonly child: Child; readonly looked: Looked },
): Promise<void> {
  if (receipt.hold === "") return;
  const hold = siblings.find(({ name, type }) => name === receipt.hold && type === "approval");
  const early = hold === undefined ? null : await findEarlyApproval(api, hold, looked);
  if (early === null) return;
  const who = early.hold.approved_by === null ? "Somebody" : await api.nameOfUser(early.hold.approved_by);
  const sentence = `${who} approved \`${receipt.hold}\` at ${early.hold.stopped_at}, before ${nameChild(child)} had ended (${early.unfinished.join(", ")}).`;
  if (allowEarlyApproval) {
    host.log.warn(sentence);
    return;
  }
  throw new UserError("hold.early", sentence, {
    hints: ["Rerun this workflow from the start, or set `allow-early-approval: true`."],
  });
}

async function requireReceipt(name: string, host: Host): Promise<Receipt> {
  const receipt = await readReceipt(host.files, name);
  if (receipt !== null) return receipt;
  throw new UserError(
    "receipt.invalid",
    `There is no receipt \`${name}\` in the workspace (${receiptPath(name)}).`,
    {
      hints: [
        "`receipts` must name the `receipt` of a trigger-and-wait that this job comes after, through `requires`.",
        "A workspace lives 15 days: after a longer wait, rerun the workflow from the start.",
      ],
    },
  );
}

function childOf({ receipt, project, pipeline }: Receipt): Child {
  if (pipeline !== null) return { project, ...pipeline };
  throw new UserError(
    "receipt.invalid",
    `The receipt \`${receipt}\` tells of a trigger of ${project} that never got an answer.`,
    {
      hints: ["Rerun the workflow from the start."],
    },
  );
}
