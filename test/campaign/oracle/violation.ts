/** What an oracle can find wrong with a run. */
export type Rule =
  /** A parent still waits though its child has ended and a sweep has run. */
  | "hangs"
  /** A verdict is not what the engine knows of the child. */
  | "lies"
  /** One run of a trigger job has made two pipelines, or taken somebody else's for its own. */
  | "twice"
  /** The token has decided a hold that no receipt lays open to it. */
  | "skeleton-key"
  /** The token has decided a hold otherwise than `on-failure` says. */
  | "deed"
  /** The token has cancelled a child that somebody still wants. */
  | "cancels"
  /** A crash, a leaked secret, a command without an end. */
  | "sanity";

export interface Violation {
  readonly rule: Rule;
  readonly sentence: string;
}
