import type { CompiledStep, RunStep, StepCondition } from "../compiler/compiled-config.ts";
import { storeArtifacts } from "./artifacts.ts";
import { restoreCache, saveCache } from "./cache.ts";
import { checkOut } from "./checkout.ts";
import type { NodeContext } from "./node-context.ts";
import { addSshKeys } from "./ssh-keys.ts";
import type { StepLog } from "./step-log.ts";
import { storeTestResults } from "./test-results.ts";
import { attachWorkspace, persistToWorkspace } from "./workspace.ts";

export type BuiltInStep = Exclude<CompiledStep, RunStep>;

const names: Readonly<Record<BuiltInStep["kind"], string>> = {
  checkout: "Checkout code",
  persist_to_workspace: "Persisting to Workspace",
  attach_workspace: "Attaching Workspace",
  store_artifacts: "Uploading artifacts",
  store_test_results: "Uploading test results",
  save_cache: "Saving Cache",
  restore_cache: "Restoring Cache",
  setup_remote_docker: "Setup a remote Docker engine",
  add_ssh_keys: "Installing additional ssh keys",
};

/** Runs a step that CircleCI brings along. Whatever it throws fails the step. */
export async function runBuiltInStep(context: NodeContext, step: BuiltInStep): Promise<"success" | "failed"> {
  const log = context.openLog(names[step.kind]);
  try {
    await perform(context, step, log);
    log.end("success", 0);
    return "success";
  } catch (error) {
    log.line(error instanceof Error ? error.message : String(error));
    log.end("failed", 1);
    return "failed";
  }
}

/** Uploads run after a failure too (configuration-reference.adoc, the `when` attribute). */
export function conditionOf(step: CompiledStep): StepCondition {
  switch (step.kind) {
    case "run":
    case "save_cache":
      return step.when;
    case "store_artifacts":
    case "store_test_results":
      return "always";
    default:
      return "on_success";
  }
}

async function perform(context: NodeContext, step: BuiltInStep, log: StepLog): Promise<void> {
  switch (step.kind) {
    case "checkout":
      return checkOut(context, step.path, log);
    case "persist_to_workspace":
      return persistToWorkspace(context, step, log);
    case "attach_workspace":
      return attachWorkspace(context, step.at, log);
    case "store_artifacts":
      return storeArtifacts(context, step, log);
    case "store_test_results":
      return storeTestResults(context, step.path, log);
    case "save_cache":
      return saveCache(context, step, log);
    case "restore_cache":
      return restoreCache(context, step.keys, log);
    case "setup_remote_docker":
      return log.line("Nothing to set up: docker commands use the engine of this machine.");
    case "add_ssh_keys":
      return addSshKeys(context, step.fingerprints, log);
  }
}
