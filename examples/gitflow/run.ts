import { openGitflow, showVersions } from "../../test/support/gitflow-example.ts";
import { runExample } from "../../test/support/run-example.ts";

/** `node --import tsx examples/gitflow/run.ts [options of simulate run]`: the example with all servers and hosts. */
process.exitCode =
  (await runExample(await openGitflow(), ["--timeout", "10m", ...process.argv.slice(2)], showVersions)) ?? 1;
