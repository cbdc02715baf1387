import { mkdir } from "node:fs/promises";
import { isAbsolute, join, normalize } from "node:path";
import type { JobAssignment } from "../engine/job-runner.ts";
import { copyTree, isFolder, listFiles } from "./file-tree.ts";
import { expandGlob } from "./glob.ts";
import { resolveInJob } from "./job-folder.ts";
import type { NodeContext } from "./node-context.ts";
import { StepFailure } from "./step-failure.ts";
import type { StepLog } from "./step-log.ts";

export interface Layer {
  readonly job: Pick<JobAssignment, "id" | "name" | "upstreamJobIds">;
  readonly node: number;
  readonly folder: string;
  readonly files: readonly string[];
}

/** The workspaces of a run: layers by the job that wrote them. */
export class WorkspaceStore {
  readonly #root: string;
  readonly #layers = new Map<string, Layer[]>();
  #count = 0;

  constructor(root: string) {
    this.#root = root;
  }

  nextFolder(jobId: string): string {
    return join(this.#root, jobId, String(this.#count++));
  }

  add(layer: Layer): void {
    const layers = this.#layers.get(layer.job.id) ?? [];
    this.#layers.set(layer.job.id, [...layers, layer]);
  }

  /** The layers of these jobs in the jobs' order, and within a job by node. */
  layersOf(jobIds: readonly string[]): readonly Layer[] {
    return jobIds.flatMap((id) => (this.#layers.get(id) ?? []).toSorted((a, b) => a.node - b.node));
  }
}

export async function persistToWorkspace(
  context: NodeContext,
  step: { readonly root: string; readonly paths: readonly string[] },
  log: StepLog,
): Promise<void> {
  const root = resolveInJob(context.folder, step.root);
  if (!(await isFolder(root))) throw new StepFailure(`The workspace root is not a directory: ${root}`);
  const found = (await Promise.all(step.paths.map((path) => expandGlob(root, checkRelative(path))))).flat();
  if (found.length === 0) throw new StepFailure(`The specified paths did not match any files in ${root}`);

  const { assignment, node, stores } = context;
  const folder = stores.workspaces.nextFolder(assignment.id);
  await mkdir(folder, { recursive: true });
  for (const path of found) await copyTree(join(root, path), join(folder, path));
  const files = await listFiles(folder);
  stores.workspaces.add({ job: assignment, node, folder, files });
  log.line(`Persisted ${files.length} file(s) from ${root}`);
}

export async function attachWorkspace(context: NodeContext, at: string, log: StepLog): Promise<void> {
  const target = resolveInJob(context.folder, at);
  const layers = context.stores.workspaces.layersOf(context.assignment.upstreamJobIds);
  const twice = findConflicts(layers);
  if (twice.length > 0) {
    throw new StepFailure(
      `Concurrent upstream jobs persisted the same file(s) into the workspace:\n${twice.join("\n")}`,
    );
  }
  await mkdir(target, { recursive: true });
  for (const layer of layers) {
    await copyTree(layer.folder, target);
    log.line(`Applied the workspace layer of ${layer.job.name} (${layer.files.length} file(s))`);
  }
  if (layers.length === 0) log.line("No upstream job has persisted anything to the workspace.");
}

/** Files that two layers hold although neither job came after the other. Runs of one job replace one another. */
function findConflicts(layers: readonly Layer[]): readonly string[] {
  const found = new Set<string>();
  const owners = new Map<string, Layer[]>();
  for (const layer of layers) {
    for (const file of layer.files) {
      const others = owners.get(file) ?? [];
      if (others.some((other) => areConcurrent(other, layer))) found.add(file);
      owners.set(file, [...others, layer]);
    }
  }
  return [...found].sort();
}

function areConcurrent(one: Layer, other: Layer): boolean {
  if (one.job.id === other.job.id) return one.node !== other.node;
  if (one.job.name === other.job.name) return false;
  return !one.job.upstreamJobIds.includes(other.job.id) && !other.job.upstreamJobIds.includes(one.job.id);
}

function checkRelative(path: string): string {
  const normal = normalize(path);
  if (!isAbsolute(normal) && normal !== ".." && !normal.startsWith("../")) return normal;
  throw new StepFailure(`${path} is not a path relative to the workspace root`);
}
