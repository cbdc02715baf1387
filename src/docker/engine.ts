import * as v from "valibot";
import { UserError } from "../errors.ts";
import { explainProblem } from "./diagnose.ts";
import type { Docker } from "./docker.ts";

/** What there is to build with. */
export type Engine =
  | { readonly hasBuildx: true }
  /** The version is that of the docker program: `[20, 10]`. */
  | { readonly hasBuildx: false; readonly client: readonly [major: number, minor: number] };

const Version = v.object({
  Client: v.object({ Version: v.string() }),
  Server: v.nullish(v.looseObject({})),
});

/** The second one only where the first fails. */
export const engineCalls = [
  { args: ["buildx", "version"] },
  { args: ["version", "--format", "{{json .}}"] },
] as const;

/** Without buildx it makes sure that an engine answers, too. Throws `docker.unreachable`. */
export async function inspectEngine(docker: Docker): Promise<Engine> {
  const buildx = await docker.ask(engineCalls[0]);
  if (buildx.exitCode === 0) return { hasBuildx: true };
  const version = await docker.ask(engineCalls[1]);
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
  return { hasBuildx: false, client: [major, minor] };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
