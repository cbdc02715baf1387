import type { Api } from "../../kubernetes/api.ts";
import type { Json } from "../../kubernetes/json.ts";
import type { Target } from "../../kubernetes/resources.ts";

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
