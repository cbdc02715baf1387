import { openDelivery } from "../../test/support/deliver-example.ts";
import { runExample } from "../../test/support/run-example.ts";

/** `node --import tsx examples/deliver/run.ts [options of simulate run]`: the example with all its servers. */
process.exitCode = (await runExample(await openDelivery(), process.argv.slice(2))) ?? 1;
