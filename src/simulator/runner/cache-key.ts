import type { Environment } from "./environment.ts";
import { StepFailure } from "./step-failure.ts";

export interface KeyValues {
  readonly branch: string | null;
  readonly revision: string;
  readonly buildNumber: number;
  readonly environment: Environment;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** `linux amd64` and the like. */
  readonly architecture: string;
  /** Base64 of the SHA-256 of a file; throws `StepFailure` when it cannot be read. */
  readonly checksum: (file: string) => string;
}

/** Fills the templates in a cache key (configuration-reference.adoc, save_cache). */
export function renderCacheKey(template: string, values: KeyValues): string {
  return template.replaceAll(/\{\{\s*(.*?)\s*\}\}/g, (_, expression: string) => evaluate(expression, values));
}

function evaluate(expression: string, values: KeyValues): string {
  const file = /^checksum\s+(?:"([^"]*)"|`([^`]*)`)$/.exec(expression);
  if (file !== null) return values.checksum(file[1] ?? file[2] ?? "");
  const name = /^\.Environment\.(\w+)$/.exec(expression)?.[1];
  // What a Go template prints for a key that its map does not have.
  if (name !== undefined) return values.environment[name] ?? "<no value>";
  switch (expression) {
    case ".Branch":
      return values.branch ?? "";
    case ".Revision":
      return values.revision;
    case ".BuildNum":
      return String(values.buildNumber);
    case "epoch":
      return String(Math.floor(values.now / 1000));
    case "arch":
      return values.architecture;
    default:
      throw new StepFailure(`error computing cache key: unknown template {{ ${expression} }}`);
  }
}
