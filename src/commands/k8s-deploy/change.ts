import type { Api } from "../../kubernetes/api.ts";
import type { Json } from "../../kubernetes/json.ts";
import type { Target } from "../../kubernetes/resources.ts";

/** One object that a deploy is about, and what becomes of it. The cluster has checked it already. */
export interface Change {
  readonly target: Target;
  /** What it becomes, for the log; null where it is so already. */
  readonly words: string | null;
  /** The image before, where the deploy is of an image. */
  readonly before: string | null;
  /** Answers the object as it is then. */
  apply(api: Api): Promise<Json>;
  /** Undoes it, unless somebody else has changed the object meanwhile. */
  undo(api: Api, after: Json): Promise<Undone>;
}

export interface Undone {
  readonly isRestored: boolean;
  /** How the object is left, as half a sentence. */
  readonly words: string;
}
