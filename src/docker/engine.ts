import * as v from "valibot";
import { UserError } from "../errors.ts";
import { explainProblem } from "./diagnose.ts";
import type { Docker } from "./docker.ts";

export interface Engine {
  /** Of the docker program: `[28, 2]`. */
  readonly client: readonly [major: number, minor: number];
  readonly hasBuildx: boolean;
}

const Version = v.object({
  Client: v.object({ Version: v.string() }),
  Server: v.nullish(v.looseObject({})),
});

export const engineCalls = [
  { args: ["version", "--format", "{{json .}}"] },
  { args: ["buildx", "version"] },
] as const;

/** Makes sure that an engine answers. Throws `docker.unreachable`. */
export async function inspectEngine(docker: Docker): Promise<Engine> {
  const [version, buildx] = await Promise.all([docker.ask(engineCalls[0]), docker.ask(engineCalls[1])]);
  const found = v.safeParse(Version, parseJson(version.stdout));
  if (version.exitCode !== 0 || !found.success || !found.output.Server) {
    const lines = version.output.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("{"));
    const said = lines.at(-1)?.trim() ?? "docker version names no server.";
    throw new UserError(
      "docker.unreachable",
      `No Docker engine answers: ${said}`,
      explainProblem("unreachable"),
    );
  }
  const [major = 0, minor = 0] = found.output.Client.Version.split(".").map(Number);
  return { client: [major, minor], hasBuildx: buildx.exitCode === 0 };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
