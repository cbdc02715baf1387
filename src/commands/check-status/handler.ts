import { createClient } from "../../circleci/client.ts";
import { UserError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { awaitResults } from "../../protocol/await-results.ts";
import type { Child } from "../../protocol/child.ts";
import { readReceipt, receiptPath } from "../../protocol/receipt.ts";
import { reportResults } from "../../protocol/report-results.ts";
import type { CheckInput } from "./definition.ts";

export async function checkStatus(input: CheckInput, host: Host): Promise<void> {
  const children: Child[] = [];
  for (const name of input.receipts) children.push(await findChild(name, host));
  const api = createClient(host, input.host, input.token);
  const results = await awaitResults(api, host, children, {
    timeout: input.timeout,
    first: 2_000,
    longest: 15_000,
  });
  await reportResults(api, host, results, { origin: input.host, successOn: input.successOn });
}

async function findChild(name: string, host: Host): Promise<Child> {
  const receipt = await readReceipt(host.files, name);
  if (receipt === null) {
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
  if (receipt.pipeline === null) {
    throw new UserError(
      "receipt.invalid",
      `The receipt \`${name}\` tells of a trigger of ${receipt.project} that never got an answer.`,
      {
        hints: ["Rerun the workflow from the start."],
      },
    );
  }
  return { project: receipt.project, ...receipt.pipeline };
}
