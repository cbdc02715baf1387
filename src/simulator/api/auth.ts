import type { User } from "../engine/state.ts";
import type { ScenarioToken } from "../scenario/scenario.ts";
import { matchesGlob } from "./glob.ts";
import { canonicalSlug } from "./slug.ts";
import { identifyUser } from "./users.ts";

/** Whose token a request bears, and what that user may see. */
export interface Access {
  readonly user: User;
  readonly canSee: (slug: string) => boolean;
}

/** Null without a token, or with one that nobody owns: the service does not tell the two apart. */
export function findAccess(tokens: readonly ScenarioToken[], headers: Headers): Access | null {
  const given = readToken(headers);
  const owned = tokens.find(({ token }) => token === given);
  if (!owned) return null;
  return {
    user: identifyUser(owned.login),
    canSee: (slug) =>
      owned.projects.some((pattern) => matchesGlob(canonicalSlug(pattern), canonicalSlug(slug))),
  };
}

/**
 * True for a token that nobody owns, where the request could have done without one. A scenario without tokens knows
 * nobody: there the token that a client has for the real service does no harm.
 */
export function isUnknownToken(tokens: readonly ScenarioToken[], given: string | undefined): boolean {
  return Boolean(given) && tokens.length > 0 && !tokens.some(({ token }) => token === given);
}

function readToken(headers: Headers): string | null {
  const own = headers.get("circle-token");
  if (own !== null) return own;
  const [scheme = "", credentials = ""] = (headers.get("authorization") ?? "").split(" ");
  if (/^bearer$/i.test(scheme)) return credentials;
  if (/^basic$/i.test(scheme))
    return Buffer.from(credentials, "base64").toString("utf8").split(":")[0] ?? null;
  return null;
}
