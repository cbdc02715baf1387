import { readFileSync } from "node:fs";
import { parse, stringify } from "yaml";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

/** .circleci/test-deploy.yml as the job orb-tools/continue makes it: the packed orb stands in it. */
export function readSecondHalf(): string {
  const config = parse(read(".circleci/test-deploy.yml"), { merge: true }) as {
    orbs: Record<string, unknown>;
  };
  return stringify({ ...config, orbs: { ...config.orbs, circleback: parse(read("dist/orb.yml")) } });
}
