import { UserError } from "../../errors.ts";
import { describeUndelivered } from "../../slack/undelivered.ts";
import type { Kind } from "./choose-message.ts";
import type { Delivery } from "./deliver.ts";

/** What has reached a channel, in one sentence; null: nothing. */
export function describeDone({ channel, done }: Delivery, kind: Kind): string | null {
  if (done.includes("posted")) return `Posted \`${kind}\` to ${channel}.`;
  if (done.includes("updated")) return `Updated the message in ${channel} to \`${kind}\`.`;
  if (done.includes("answered")) return `Answered the message in ${channel} with \`${kind}\`.`;
  return null;
}

/** One sentence for each thing that went wrong, however many channels it concerns; null: nothing did. */
export function explainProblems(deliveries: readonly Delivery[]): UserError | null {
  const problems = deliveries.flatMap(({ channel, problems }) =>
    problems.map(({ what, error }) => ({ channel, what, error })),
  );
  const [first] = problems;
  if (first === undefined) return null;
  const lines = new Set(
    problems.map(({ what, error }) => {
      const alike = problems.filter((each) => each.what === what && each.error.message === error.message);
      const channels = alike.map(({ channel }) => channel).join(", ");
      return `${describeUndelivered(error)} ${what} ${channels}: ${error.message}.`;
    }),
  );
  return new UserError(first.error.code, [...lines].join("\n"), {
    hints: [...new Set(problems.map(({ error }) => error.remedy))],
  });
}
