import { runDeliver } from "../../test/support/deliver-example.ts";

/** `npx tsx examples/deliver/run.ts [options of simulate run]`: the example with all its servers. */
runDeliver(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode ?? 1;
});
