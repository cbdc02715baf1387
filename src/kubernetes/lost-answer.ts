import { UserError } from "../errors.ts";

/** No answer, or none that can be used: the server may have done what it was asked for, or not. */
export class LostAnswer extends UserError {}

/** Changes an object; where the answer is lost, `find` may tell from the object what it was, or null. */
export async function changeOrFind<T>(change: () => Promise<T>, find: () => Promise<T | null>): Promise<T> {
  try {
    return await change();
  } catch (error) {
    // A conflict after a try without an answer: somebody else has the object by now, whatever that try has done.
    if (!(error instanceof LostAnswer) || error.code === "field.conflict") throw error;
    const found = await find().catch(() => null);
    if (found !== null) return found;
    throw error;
  }
}
