import { createHash } from "node:crypto";
import { chooseRelease } from "../../delivery/find-release.ts";
import { UserError } from "../../errors.ts";
import { hideValues } from "../../host/hide-values.ts";
import type { Host } from "../../host/host.ts";
import { carryOut } from "../../rollout/carry-out.ts";
import { describeDeployer, makeTransactionId } from "../../rollout/job-facts.ts";
import { prepareLogin } from "../../rollout/registry-login.ts";
import type { Transaction } from "../../rollout/script.ts";
import { sshInput } from "../../ssh/parameters.ts";
import type { DeployInput } from "./definition.ts";

export async function sshDeploy(input: DeployInput, host: Host): Promise<void> {
  hideValues(
    host,
    input.env.filter(({ isSecret }) => isSecret).map(({ value }) => value),
  );
  const transaction = await plan(input, host);
  await carryOut(host, {
    ...input,
    targets: input.hosts.targets,
    branch: input.hosts.branch,
    ssh: sshInput(input),
    transaction,
    login: () => prepareLogin(host, input, transaction.image),
  });
}

async function plan(input: DeployInput, host: Host): Promise<Transaction> {
  const { image, version } = await chooseRelease(host, input);
  return {
    id: makeTransactionId(host.random),
    mode: "deploy",
    project: input.projectName,
    compose:
      input.remotePath === ""
        ? await readCompose(host, input.composeFile, image)
        : { path: input.remotePath },
    variables: input.env,
    image,
    version,
    services: input.services,
    runOnce: input.runOnce,
    registry: null,
    probeUrl: input.probeUrl,
    want: "",
    expectCurrent: "",
    keep: input.keep,
    limits: { total: input.timeout, lockWait: input.lockWait, probe: input.probeTimeout },
    job: describeDeployer(host),
  };
}

async function readCompose(host: Host, path: string, image: string): Promise<Transaction["compose"]> {
  const text = await host.files.read(path);
  if (text === null) {
    throw new UserError("parameter.invalid", `There is no Compose file ${path}.`, {
      hints: [
        "`compose-file` is seen from the job's working directory; the step `checkout` must come before this one.",
        "`remote-path` is for a file that is on the host already.",
      ],
    });
  }
  if (image === "" && /\$\{?IMAGE\b(?!:?[-+])/.test(text)) {
    throw new UserError("parameter.invalid", `${path} says \${IMAGE}, and there is no image to put there.`, {
      hints: [
        "Give `image`, or let a job before this one push it with ecr-push, which leaves a release record in the workspace.",
      ],
    });
  }
  return { text, sum: createHash("sha256").update(text).digest("hex") };
}
