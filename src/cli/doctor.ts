import { readFileSync } from "node:fs";
import { host as hostParameter, parseSlug, tokenIfNeeded } from "../circleci/parameters.ts";
import { examine } from "../doctor/examine.ts";
import { type Finding, showSection, sumUp } from "../doctor/finding.ts";
import { type ConfigFile, readConfig } from "../doctor/read-config.ts";
import { canHide } from "../host/log.ts";
import { Unfit } from "../orb/parameter.ts";
import { withInterrupt } from "./interrupt.ts";
import { readArguments } from "./read-arguments.ts";
import type { Terminal } from "./terminal.ts";
import { UsageError } from "./usage-error.ts";

export const help = `circleback doctor CONFIG --project SLUG [options]

Looks whether an orchestration can work: the token, both projects, the parent's approval job, the child's parameter
and callback, the contexts. CONFIG is the parent's .circleci/config.yml. Nothing is triggered or changed.

  --project SLUG  the parent's project, as gh/acme/app
  --token NAME    the environment variable with the token (CIRCLE_TOKEN)
  --host URL      where CircleCI is (CIRCLE_HOST, or else https://circleci.com)

Exit code: 0 no problem found, 1 problems, 2 bad usage, 130 or 143 when interrupted.
`;

const options = {
  project: { type: "string" },
  token: { type: "string", default: "CIRCLE_TOKEN" },
  host: { type: "string", default: "" },
} as const;

const usage = "circleback doctor .circleci/config.yml --project gh/acme/app";

export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, file } = readArguments(args, options, {
    name: "doctor",
    file: "the parent's configuration",
  });
  const host = terminal.openHost();
  const patient = {
    config: read(file),
    project: parseOption("project", () => parseSlug(values.project ?? "")),
    token: parseOption("token", () => tokenIfNeeded.parse(values.token, host.env)),
    origin: parseOption("host", () => hostParameter.parse(values.host, host.env)),
  };
  const findings: Finding[] = [];
  const secret = patient.token.value?.reveal() ?? "";
  await withInterrupt(async (canceled) => {
    for await (const section of examine({ ...host, canceled }, patient)) {
      const text = `${showSection(section)}\n`;
      terminal.screen.write(canHide(secret) ? text.replaceAll(secret, "[secret]") : text); // whoever answers may repeat it
      findings.push(...section.findings);
    }
  });
  terminal.screen.write(sumUp(findings));
  return findings.some(({ state }) => state === "problem") ? 1 : 0;
}

function read(file: string): ConfigFile {
  try {
    return readConfig(readFileSync(file, "utf8"));
  } catch (error) {
    const message = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new UsageError(`${file} cannot be read as a configuration: ${message}`, usage);
  }
}

function parseOption<Value>(name: string, parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    if (error instanceof Unfit) throw new UsageError(`--${name} ${error.message}.`, ...error.hints, usage);
    throw error;
  }
}
