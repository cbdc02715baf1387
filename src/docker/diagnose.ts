import type { ErrorCode } from "../errors.ts";

export type Problem =
  | "unreachable"
  | "login"
  | "immutable"
  | "full"
  | "repository"
  | "denied"
  | "driver"
  | "build"
  | "other";

/** What Docker, or the registry through it, says when something goes wrong. The first that fits counts. */
const signs: readonly (readonly [sign: RegExp, problem: Problem])[] = [
  [
    /cannot connect to the docker daemon|error during connect|failed to connect to the docker api/i,
    "unreachable",
  ],
  [/permission denied while trying to connect/i, "unreachable"],
  [/no space left on device/i, "full"],
  [/cannot be overwritten because the (repository|tag|image) is immutable/i, "immutable"],
  [/authorization token has expired|no basic auth credentials/i, "login"],
  [/authentication required|incorrect username or password|401 unauthorized/i, "login"],
  [/name unknown|repository with name .* does not exist/i, "repository"],
  [/not authorized to perform|access to the resource is denied|403 forbidden|: denied|^denied/im, "denied"],
  [/not supported for the docker driver/i, "driver"],
];

export function diagnose(output: string): Problem {
  return signs.find(([sign]) => sign.test(output))?.[1] ?? "other";
}

/**
 * Of a build: what its own programs print says nothing about Docker, which has the last line, or the last that
 * begins with ERROR where advice follows. A full disk is full.
 */
export function diagnoseBuild(output: string): Problem {
  const lines = output.trimEnd().split("\n");
  for (const line of [lines.at(-1), lines.findLast((each) => each.startsWith("ERROR: "))]) {
    const problem = diagnose(line ?? "");
    if (problem === "unreachable" || problem === "driver") return problem;
  }
  return /no space left on device/i.test(output) ? "full" : "build";
}

/** Of a build that pushes as well: only the line counts that says that pushing failed. */
export function diagnoseDirectPush(output: string): Problem {
  const line = output.split("\n").findLast((each) => /^ERROR: .*failed to push/.test(each));
  return line === undefined ? diagnoseBuild(output) : diagnose(line.replace(/^ERROR: /, ""));
}

interface Explanation {
  readonly code: ErrorCode | null;
  readonly hints: readonly string[];
}

/** The code where it is not that of what was being done, and what the user can do. */
export function explainProblem(problem: Problem): Explanation {
  return explanations[problem];
}

const explanations: Readonly<Record<Problem, Explanation>> = {
  unreachable: {
    code: "docker.unreachable",
    hints: [
      "Put the step `setup_remote_docker` before this one, or run the job on a machine executor.",
      "Where DOCKER_HOST is set, check that its engine answers: docker version.",
    ],
  },
  login: {
    code: "registry.unauthorized",
    hints: ["Check that `registry`, `region` and `account-id` are those of the credentials."],
  },
  immutable: { code: "image.conflict", hints: [] },
  full: {
    code: null,
    hints: [
      "The engine's disk is full: use a larger resource class, or make room with docker system prune before this step.",
    ],
  },
  repository: {
    code: "repository.not-found",
    hints: ["Create the repository, or set `create-repository: true`."],
  },
  denied: {
    code: "registry.unauthorized",
    hints: [
      "Allow ecr:BatchCheckLayerAvailability, ecr:InitiateLayerUpload, ecr:UploadLayerPart, ecr:CompleteLayerUpload and ecr:PutImage for the repository.",
    ],
  },
  driver: {
    code: null,
    hints: ["Make a builder that can do it in a step before this one: docker buildx create --use"],
  },
  build: { code: null, hints: ["What the build prints above tells why."] },
  other: { code: null, hints: ["What Docker says above tells why."] },
};
