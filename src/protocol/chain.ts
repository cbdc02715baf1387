import { createHash } from "node:crypto";
import { normalizeSlug } from "../circleci/slug.ts";
import { UserError } from "../errors.ts";
import type { Ticket } from "./ticket.ts";

/**
 * The ancestors to write into the ticket of a child, from the ticket that this pipeline itself was triggered
 * with. Throws `chain.refused` for a child that is in the chain already, and for one too deep down.
 */
export function extendChain(
  own: Ticket | null,
  self: string,
  child: string,
  maxDepth: number,
): readonly string[] {
  const ancestors = own === null ? [] : [...own.ancestors, hashProject(own.parentProject)];
  const chain = [...ancestors, hashProject(self)];
  if (chain.includes(hashProject(child))) {
    throw new UserError(
      "chain.refused",
      `${child} is already in the chain of pipelines that led to ${self}: they would trigger each other for ever.`,
      {
        hints: [
          "Break the circle: a child must not trigger a project that waits for it. Nothing was triggered.",
        ],
      },
    );
  }
  if (chain.length > maxDepth) {
    throw new UserError(
      "chain.refused",
      `${child} would be ${chain.length} triggers away from the first pipeline; \`max-depth\` is ${maxDepth}.`,
      {
        hints: ["Raise `max-depth` if the chain is meant to be that long. Nothing was triggered."],
      },
    );
  }
  return ancestors;
}

function hashProject(slug: string): string {
  return createHash("sha256").update(normalizeSlug(slug)).digest("hex").slice(0, 8);
}
