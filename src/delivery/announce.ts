import type { Host } from "../host/host.ts";
import { exportLine } from "../orb/export-line.ts";

export interface Delivered {
  /** `registry/repository`. */
  readonly name: string;
  readonly digest: string;
  readonly tags: readonly string[];
}

/** The one name of an image that never comes to mean another. */
export function pinImage({ name, digest }: Pick<Delivered, "name" | "digest">): string {
  return `${name}@${digest}`;
}

/** Tells the log, and the later steps of this job, which image it is. */
export async function announceImage(host: Host, delivered: Delivered): Promise<void> {
  const tags = delivered.tags.join(" ");
  const variables = {
    CIRCLEBACK_IMAGE: pinImage(delivered),
    CIRCLEBACK_IMAGE_DIGEST: delivered.digest,
    CIRCLEBACK_IMAGE_TAGS: tags,
  };
  const lines = Object.entries(variables).map(([name, value]) => exportLine(name, value) ?? "");
  host.log.info(`Image:  ${pinImage(delivered)}`);
  host.log.info(`Digest: ${delivered.digest}`);
  host.log.info(`Tags:   ${tags}`);
  if (host.env.BASH_ENV) await host.files.append(host.env.BASH_ENV, lines.join(""));
}
