import { UserError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";

/** How often a whole look may fail, each of several tries, before whatever is waited for is left to itself. */
const mostFailures = 3;

/** The same look, but null where AWS is out of order for the moment. */
export function bearOutages<T>(host: Host, look: () => Promise<T>): () => Promise<T | null> {
  let failures = 0;
  return async () => {
    try {
      const found = await look();
      failures = 0;
      return found;
    } catch (error) {
      failures++;
      const isOutage = error instanceof UserError && error.code === "aws.failed";
      if (!isOutage || failures >= mostFailures) throw error;
      host.log.warn(`${error.message} Looking again.`);
      return null;
    }
  };
}
