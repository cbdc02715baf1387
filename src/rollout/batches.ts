import { type Parameter, string, Unfit } from "../orb/parameter.ts";

/** How many hosts of so many are worked on at once. */
export type BatchSize = (hosts: number) => number;

export const batch: Parameter<BatchSize> = string(
  {
    description:
      "How many hosts at once: a number, or a part of them such as 50%. When one fails, the hosts after its batch are left alone.",
    default: "1",
  },
  (text) => {
    const [, digits, percent] = /^(\d{1,4})(%?)$/.exec(text) ?? [];
    const count = Number(digits);
    if (!(count >= 1) || (percent === "%" && count > 100)) {
      throw new Unfit(`is neither a number of hosts nor a part of them: "${text}"`, {
        hints: ["Write a number such as 1, or a part such as 25%."],
      });
    }
    return percent === "%" ? (hosts) => Math.max(1, Math.floor((hosts * count) / 100)) : () => count;
  },
);

/** Lists of hosts, one after the other; `isFirstAlone` where the first has something to do before all others. */
export function splitBatches<T>(
  hosts: readonly T[],
  size: BatchSize,
  isFirstAlone: boolean,
): readonly (readonly T[])[] {
  const count = size(hosts.length);
  const rest = isFirstAlone ? hosts.slice(1) : hosts;
  const batches = isFirstAlone ? [hosts.slice(0, 1)] : [];
  for (let start = 0; start < rest.length; start += count) batches.push(rest.slice(start, start + count));
  return batches;
}
