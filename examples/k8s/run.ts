import { openK8sExample } from "../../test/support/k8s-example.ts";
import { runExample, showMessages } from "../../test/support/run-example.ts";

/** `node --import tsx examples/k8s/run.ts [options of simulate run]`: the example with Kubernetes and Slack. */
process.exitCode = (await runExample(await openK8sExample(), process.argv.slice(2), showMessages)) ?? 1;
