import { runGitflow } from "../../test/support/gitflow-example.ts";

/** `npx tsx examples/gitflow/run.ts [options of simulate run]`: the example with all its servers and hosts. */
runGitflow(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode ?? 1;
});
