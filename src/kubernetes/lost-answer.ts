import { UserError } from "../errors.ts";
import type { Json } from "./json.ts";

/** No answer, or none that can be used: the server may have done what it was asked for, or not. */
export class LostAnswer extends UserError {}

/** Changes an object; where the answer is lost, the object itself may tell that it is changed. */
export async function changeOrFind(
  change: () => Promise<Json>,
  find: () => Promise<Json | null>,
  isChanged: (now: Json) => boolean,
): Promise<Json> {
  try {
    return await change();
  } catch (error) {
    if (!(error instanceof LostAnswer)) throw error;
    const now = await find().catch(() => null);
    if (now !== null && isChanged(now)) return now;
    throw error;
  }
}
