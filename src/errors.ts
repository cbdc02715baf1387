/**
 * Every way in which a command can end other than well, and the exit code of each.
 * The numbers are those of the CircleCI CLI; 70 is `EX_SOFTWARE` of sysexits.
 */
const exitCodes = {
  "child.failed": 1,
  "hold.early": 1,
  "callback.early": 1,
  "docker.build-failed": 1,
  "image.conflict": 1,
  "image.changed": 1,
  "deploy.failed": 1,
  "field.conflict": 1,
  "deploy.unknown": 1,
  "lock.held": 1,
  "release.unexpected": 1,
  "parameter.invalid": 2,
  "ticket.invalid": 2,
  "chain.refused": 2,
  "hold.foreign": 2,
  "output.invalid": 2,
  "receipt.invalid": 2,
  "hold.invalid": 2,
  "job.parallel": 2,
  "docker.too-old": 2,
  "message.invalid": 2,
  "compose.invalid": 2,
  "kubeconfig.invalid": 2,
  "manifest.invalid": 2,
  "host.unfit": 2,
  "file.failed": 2,
  "ssh.host-key-unknown": 2,
  "circleci.unauthorized": 3,
  "aws.unauthorized": 3,
  "registry.unauthorized": 3,
  "ssh.unauthorized": 3,
  "ssh.host-key-mismatch": 3,
  "slack.unauthorized": 3,
  "cluster.unauthorized": 3,
  "cluster.ca-mismatch": 3,
  "circleci.failed": 4,
  "aws.failed": 4,
  "registry.failed": 4,
  "slack.failed": 4,
  "cluster.failed": 4,
  "cluster.unreachable": 4,
  "docker.unreachable": 4,
  "ssh.unreachable": 4,
  "trigger.refused": 4,
  "trigger.ambiguous": 4,
  "circleci.not-found": 5,
  "docker.missing": 5,
  "repository.not-found": 5,
  "image.not-found": 5,
  "release.not-found": 5,
  "host.not-found": 5,
  "service.not-found": 5,
  "cluster.not-found": 5,
  "workload.not-found": 5,
  "ssh.missing": 5,
  "slack.not-found": 5,
  "job.canceled": 6,
  "child.start-timeout": 8,
  "wait.timeout": 8,
  "orb.bug": 70,
} as const;

export type ErrorCode = keyof typeof exitCodes;

/** Something a user can understand and act upon. The message is one sentence, each hint one action. */
export class UserError extends Error {
  override readonly name = "UserError";
  readonly code: ErrorCode;
  readonly hints: readonly string[];

  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly hints?: readonly string[]; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hints = options.hints ?? [];
  }

  get exitCode(): number {
    return exitCodes[this.code];
  }
}
