import { exists, listFiles } from "./file-tree.ts";
import { resolveInJob } from "./job-folder.ts";
import type { NodeContext } from "./node-context.ts";
import type { StepLog } from "./step-log.ts";

/** Says what would be uploaded: the simulated API does not show test results. */
export async function storeTestResults(context: NodeContext, path: string, log: StepLog): Promise<void> {
  const source = resolveInJob(context.folder, path);
  const files = (await exists(source)) ? await listFiles(source) : [];
  const reports = files.filter((name) => name === "" || name.endsWith(".xml"));
  log.line(
    reports.length === 0
      ? `No test results found at ${source}`
      : `Found ${reports.length} test result file(s) at ${source}`,
  );
}
