import { expect, test } from "vitest";
import { diagnose, diagnoseBuild, diagnoseDirectPush } from "../../../src/docker/diagnose.ts";
import { showArgv } from "../../../src/docker/show-argv.ts";

test.each([
  [
    "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
    "unreachable",
  ],
  ['error during connect: Get "http://docker:2375/v1.24/version": dial tcp: lookup docker', "unreachable"],
  [
    "failed to connect to the docker API at unix:///var/run/docker.sock; check if the path is correct",
    "unreachable",
  ],
  [
    "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
    "unreachable",
  ],
  ["write /var/lib/docker/tmp/x: no space left on device", "full"],
  ["denied: Your authorization token has expired. Reauthenticate and try again.", "login"],
  ["no basic auth credentials", "login"],
  ["unauthorized: authentication required", "login"],
  ["login attempt to https://x/v2/ failed with status: 401 Unauthorized", "login"],
  [
    "tag invalid: The image tag '1' already exists in the 'api' repository and cannot be overwritten because the repository is immutable.",
    "immutable",
  ],
  [
    "tag invalid: The image tag '1' already exists in the 'api' repository and cannot be overwritten because the tag is immutable.",
    "immutable",
  ],
  ["name unknown: The repository with name 'api' does not exist in the registry with id '1'", "repository"],
  ["denied: User: arn:aws:iam::1:user/ci is not authorized to perform: ecr:InitiateLayerUpload", "denied"],
  ["denied: requested access to the resource is denied", "denied"],
  ["ERROR: Multi-platform build is not supported for the docker driver.", "driver"],
  ["received unexpected HTTP status: 500 Internal Server Error", "other"],
  ["toomanyrequests: Rate exceeded", "other"],
  ["", "other"],
])("takes %j for trouble with: %s", (output, problem) => expect(diagnose(output)).toBe(problem));

test.each([
  ["npm ERR! 403 Forbidden - GET https://registry/x", "build"],
  ["unauthorized: authentication required", "build"],
  ["no space left on device", "full"],
  ["Cannot connect to the Docker daemon", "unreachable"],
  ["curl: error during connect to db\nThe command '/bin/sh -c x' returned a non-zero code: 3", "build"],
])("of a build, takes %j for trouble with: %s", (output, problem) => {
  expect(diagnoseBuild(output)).toBe(problem);
});

const lines = (...texts: readonly string[]) => texts.join("\n");

test.each([
  [lines("npm ERR! 401 Unauthorized", "ERROR: failed to solve: process did not complete"), "build"],
  [
    lines("#9 pushing layers", "ERROR: failed to push r/api:1: unexpected status: 500 Internal Server Error"),
    "other",
  ],
  [
    lines(
      "npm WARN 403 Forbidden",
      "ERROR: failed to solve: failed to push r/api:1: denied: Your authorization token has expired.",
    ),
    "login",
  ],
  [
    lines(
      "ERROR: failed to push r/api:1: tag invalid: cannot be overwritten because the repository is immutable.",
    ),
    "immutable",
  ],
])("of a build that pushes, takes %j for trouble with: %s", (output, problem) => {
  expect(diagnoseDirectPush(output)).toBe(problem);
});

test("shows a command so that a shell would read it back", () => {
  const argv = ["docker", "build", "--label", "a=b c", "it's", "$(x)", "", "-f", "./a@b:c,d%"];
  expect(showArgv(argv)).toBe("docker build --label 'a=b c' 'it'\\''s' '$(x)' '' -f ./a@b:c,d%");
});
