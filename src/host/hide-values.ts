import { Secret } from "../secret.ts";
import type { Host } from "./host.ts";

/** Keeps these values, and each of their lines, out of the log from now on. */
export function hideValues(host: Host, values: readonly string[]): void {
  // What is shorter would blank half the log, and hides nothing.
  for (const value of values.flatMap((text) => [text, ...text.split("\n")])) {
    if (value.trim().length >= 4) host.log.hide(new Secret(value));
  }
}
