import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import type { Rule } from "./oracle/violation.ts";
import type { Program } from "./program.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** A mistake that somebody could make: in one file, one piece of text is another. */
export interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** What the oracle must say of it. */
  readonly rule: Rule;
  /** Worlds are tried from here on: just before one that shows the mistake, to save time. */
  readonly seed: number;
}

export const mutants: readonly Mutant[] = [
  {
    name: "a trigger is repeated when its answer is lost",
    file: "src/circleci/http.ts",
    from: 'return method === "GET" ? `got no answer',
    to: "return method ? `got no answer",
    rule: "twice",
    seed: 9,
  },
  {
    name: "a trigger is repeated when the service fails",
    file: "src/circleci/http.ts",
    from: 'return method === "GET" && outcome.status >= 500',
    to: "return outcome.status >= 500",
    rule: "twice",
    seed: 91,
  },
  {
    name: "the oldest run of a workflow counts",
    file: "src/protocol/verdict.ts",
    from: "Date.parse(workflow.created_at) > Date.parse(other.created_at)",
    to: "Date.parse(workflow.created_at) < Date.parse(other.created_at)",
    rule: "lies",
    seed: 79,
  },
  {
    name: "the best end counts, not the worst",
    file: "src/protocol/verdict.ts",
    from: "return endings.find(",
    to: "return [...endings].reverse().find(",
    rule: "lies",
    seed: 6,
  },
  {
    name: "any pipeline is taken for the lost child",
    file: "src/protocol/find-lost-child.ts",
    from: "text.includes(ticket) ?",
    to: 'text !== "" ?',
    rule: "twice",
    seed: 11,
  },
  {
    name: "a signature is not checked",
    file: "src/protocol/ticket.ts",
    from: "return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));",
    to: "return a.length >= 0 || timingSafeEqual(Buffer.from(a), Buffer.from(b));",
    rule: "twice",
    seed: 161,
  },
  {
    name: "anybody's pipeline with the right ticket is the child",
    file: "src/protocol/search-pipelines.ts",
    from: "if (actor === own) {",
    to: "if (actor !== null) {",
    rule: "twice",
    seed: 52,
  },
  {
    name: "a step that is run again does not know its own receipt",
    file: "src/commands/trigger-and-wait/trigger-once.ts",
    from: "receipt.parent.workflowId !== intent.parent.workflowId",
    to: "receipt.parent.workflowId === intent.parent.workflowId",
    rule: "twice",
    seed: 28,
  },
  {
    name: "any hold is approved",
    file: "src/protocol/vouch.ts",
    from: "if (!requireReceipt) return true;",
    to: "return true;",
    rule: "skeleton-key",
    seed: 206,
  },
  {
    name: "a chain of triggers may come back to where it began",
    file: "src/protocol/chain.ts",
    from: "if (chain.includes(hashProject(child))) {",
    to: "if (chain.includes(child)) {",
    rule: "twice",
    seed: 7,
  },
  {
    name: "a sweep approves holds whose child goes on",
    file: "src/commands/sweep/sweep-hold.ts",
    from: "if (open.length > 0)",
    to: "if (open.length > 9)",
    rule: "deed",
    seed: 7,
  },
  {
    name: "a sweep approves nothing",
    file: "src/commands/sweep/sweep-hold.ts",
    from: "if (receipts.length === 0) {",
    to: "if (receipts.length >= 0) {",
    rule: "hangs",
    seed: 3,
  },
  {
    name: "a callback approves where it is told to cancel",
    file: "src/commands/approve-in-parent/handler.ts",
    from: 'return others === "failed" ? wish :',
    to: 'return others === "failed" && wish === "leave" ? wish :',
    rule: "deed",
    seed: 9,
  },
  {
    name: "a callback waits for what sleeps until somebody approves",
    file: "src/commands/approve-in-parent/await-others.ts",
    from: "readSleep(workflow, open) ??",
    to: "readSleep(workflow, []) ??",
    rule: "hangs",
    seed: 41,
  },
  {
    name: "a callback leaves the hold to a workflow that will not call back",
    file: "src/commands/approve-in-parent/await-others.ts",
    from: "jobs.some((name) => callers.includes(name))",
    to: "jobs.every((name) => callers.includes(name) || jobs.length > 0)",
    rule: "hangs",
    seed: 96,
  },
  {
    name: "a callback takes what sleeps for what has passed",
    file: "src/commands/approve-in-parent/await-others.ts",
    from: "asleep.length === 0 ?",
    to: "asleep.length >= 0 ?",
    rule: "deed",
    seed: 35,
  },
  {
    name: "a sweep approves where a callback would have left it to a human",
    file: "src/protocol/wished-deed.ts",
    from: 'if (wishes.includes("leave")) return "leave";',
    to: "",
    rule: "deed",
    seed: 7,
  },
  {
    name: "a trigger that is cancelled does not ask who else waits for its child",
    file: "src/protocol/earlier-child.ts",
    from: "if (!hasJobEnded(job.status)) return true;",
    to: "if (!hasJobEnded(job.status)) return false;",
    rule: "cancels",
    seed: 392,
  },
  {
    name: "a sweep does not ask who else waits for a child",
    file: "src/commands/sweep/sweep-orphans.ts",
    from: "if (isTakenUp) return",
    to: "if (isTakenUp && child.number < 0) return",
    rule: "cancels",
    seed: 5,
  },
  {
    name: "a rerun triggers anew though its child goes on",
    file: "src/commands/trigger-and-wait/trigger-once.ts",
    from: 'if (input.onRerun === "new") return',
    to: 'if (input.onRerun !== "rerun-failed") return',
    rule: "twice",
    seed: 27,
  },
  {
    name: "a hold that is lost with its workflow is not looked for in a rerun",
    file: "src/protocol/resolve.ts",
    from: "const reruns = asker === undefined ? all : all.filter((workflow) => workflow.name === asker);",
    to: "const reruns = all.filter(({ id }) => id === workflowId || asker === undefined);",
    rule: "hangs",
    seed: 5,
  },
];

/** Builds the commands with a mistake in them; the files of the checkout stay as they are. Throws where there is nothing to break. */
export async function buildMutant(mutant: Mutant): Promise<Program> {
  const folder = mkdtempSync(join(tmpdir(), "circleback-mutant-"));
  try {
    const result = await build({
      absWorkingDir: root,
      entryPoints: ["test/campaign/program.ts"],
      bundle: true,
      platform: "node",
      format: "esm",
      write: false,
      plugins: [makeMistake(mutant)],
    });
    const built = result.outputFiles[0]?.text ?? "";
    writeFileSync(join(folder, "program.mjs"), built);
    const { program } = await import(pathToFileURL(join(folder, "program.mjs")).href);
    return program as Program;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** For esbuild, wherever the mutant's file is part of a program. */
export function makeMistake({ name, file, from, to }: Mutant): Plugin {
  return {
    name: "mistake",
    setup({ onLoad }) {
      onLoad({ filter: new RegExp(`/${file.replaceAll(/[/.]/g, "\\$&")}$`) }, async ({ path }) => {
        const text = await readFile(path, "utf8");
        if (text.split(from).length !== 2) throw new Error(`"${name}": ${file} has no such text: ${from}`);
        return { contents: text.replace(from, () => to), loader: "ts" };
      });
    },
  };
}
