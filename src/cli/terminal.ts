import type { Host } from "../host/host.ts";
import type { Screen } from "../simulator/report/screen.ts";

/** Where a command writes, and how it reaches the world where it is no simulation. */
export interface Terminal {
  /** Standard output. */
  readonly screen: Screen;
  err(text: string): void;
  openHost(): Host;
}
