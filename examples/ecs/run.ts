import { openEcsExample } from "../../test/support/ecs-example.ts";
import { runExample, showMessages } from "../../test/support/run-example.ts";

/** `node --import tsx examples/ecs/run.ts [options of simulate run]`: the example with ECS and Slack. */
process.exitCode = (await runExample(await openEcsExample(), process.argv.slice(2), showMessages)) ?? 1;
