import type { Host } from "../../host/host.ts";
import { carryOut } from "../../rollout/carry-out.ts";
import { noText } from "../../rollout/filled-text.ts";
import { describeDeployer, makeTransactionId } from "../../rollout/job-facts.ts";
import { sshInput } from "../../ssh/parameters.ts";
import type { RollbackInput } from "./definition.ts";

export async function sshRollback(input: RollbackInput, host: Host): Promise<void> {
  await carryOut(host, {
    ...input,
    targets: input.hosts.targets,
    branch: input.hosts.branch,
    ssh: sshInput(input),
    login: async () => null, // hosts keep the images that they can go back to
    transaction: {
      id: makeTransactionId(host.random),
      mode: "rollback",
      project: input.projectName,
      compose: null,
      variables: [],
      image: "",
      version: "",
      services: [],
      runOnce: noText,
      registry: null,
      probeUrl: input.probeUrl,
      want: input.to,
      expectCurrent: input.expectCurrent,
      keep: 0,
      limits: { total: input.timeout, lockWait: input.lockWait, probe: input.probeTimeout },
      job: describeDeployer(host),
    },
  });
}
