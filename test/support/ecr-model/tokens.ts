import { randomBytes } from "node:crypto";

/** The passwords with which `docker` comes to the registry. */
export interface Tokens {
  issue(): { readonly password: string; readonly expiresAt: number };
  judge(password: string): "valid" | "expired" | "unknown";
  /** All that were issued so far. */
  readonly issued: readonly string[];
  /** Those issued so far are of no use any more. */
  expire(): void;
}

/** As long as a real one, which is no detail: some places cut lines. */
const bytes = 1_400;

export function createTokens(now: () => number, lifetime: number): Tokens {
  const ends = new Map<string, number>();
  return {
    issue() {
      const password = randomBytes(bytes).toString("base64");
      const expiresAt = now() + lifetime;
      ends.set(password, expiresAt);
      return { password, expiresAt };
    },
    judge(password) {
      const end = ends.get(password);
      if (end === undefined) return "unknown";
      return end > now() ? "valid" : "expired";
    },
    get issued() {
      return [...ends.keys()];
    },
    expire() {
      for (const password of ends.keys()) ends.set(password, now());
    },
  };
}
