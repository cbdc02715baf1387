import { runEcsExample } from "../../test/support/ecs-example.ts";

/** `npx tsx examples/ecs/run.ts [options of simulate run]`: the example with its server. */
runEcsExample(process.argv.slice(2)).then((exitCode) => {
  process.exitCode = exitCode ?? 1;
});
