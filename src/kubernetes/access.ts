import type { Secret } from "../secret.ts";
import type { Trust } from "./https-fetch.ts";

/** How to reach a cluster, and as whom. */
export interface Access {
  /** `https://host:port`, with a path where the cluster has one, without a slash at its end. */
  readonly server: string;
  /** For messages: `the cluster prod (eu-central-1)`. */
  readonly title: string;
  /** Null: not said. */
  readonly namespace: string | null;
  readonly trust: Trust;
  /** Asked for before every request, as it may have to be renewed; null where a certificate tells who calls. */
  readonly bearer: () => Promise<Secret | null>;
  /** What to look at when the cluster does not know who calls. */
  readonly unauthorizedHint: string;
}
