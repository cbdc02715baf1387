import { UserError } from "../../errors.ts";
import type { Api } from "../../kubernetes/api.ts";
import { at, type Json } from "../../kubernetes/json.ts";
import { showTarget, type Target } from "../../kubernetes/resources.ts";

/** One object that a deploy is about, and what becomes of it. */
export interface Change {
  readonly target: Target;
  /** As it was; null where it is new. */
  readonly earlier: Json;
  /** What it becomes, for the log; null where it is so already. */
  readonly words: string | null;
  /** Its namespace is not there yet, without which the cluster checks nothing. */
  readonly isUnchecked: boolean;
  /** The image before, where the deploy is of an image. */
  readonly before: string | null;
  /** Answers the object as it is then, which `calm` may find out where the job is cancelled meanwhile. */
  apply(api: Api, calm: Api): Promise<Json>;
  /** Undoes it, unless somebody else has changed the object meanwhile. */
  undo(api: Api, after: Json): Promise<Undone>;
}

export interface Undone {
  readonly result: "rolled-back" | "broken" | "unknown";
  /** How the object is left, as half a sentence. */
  readonly words: string;
}

/** Throws for what the cluster says that would become of a Deployment, where it would not begin to roll out. */
export function mustRollOut(target: Target, promised: Json): void {
  if (target.kind !== "Deployment" || at(promised, "spec", "paused") !== true) return;
  const name = showTarget(target);
  throw new UserError("deploy.failed", `${name} is paused, so nothing would roll out; nothing was changed.`, {
    hints: [`Resume it: kubectl rollout resume ${name}. A manifest must not say \`paused\`.`],
  });
}
