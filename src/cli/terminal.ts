import type { Screen } from "../simulator/report/screen.ts";

/** Where a command writes. */
export interface Terminal {
  /** Standard output. */
  readonly screen: Screen;
  err(text: string): void;
}
