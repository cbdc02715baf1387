import { ecrParameters } from "../../aws/parameters.ts";
import { fillName, isDigest, parseTag, repository } from "../../delivery/image-name.ts";
import { keepRelease, releaseName } from "../../delivery/release-record.ts";
import type { Environment } from "../../host/host.ts";
import { defineCommand, type Input } from "../../orb/define-command.ts";
import { installNode } from "../../orb/install-node.ts";
import { string } from "../../orb/parameter.ts";

export const definition = defineCommand({
  name: "ecr-promote",
  description:
    "Give an image that is in AWS ECR one more tag, such as that of an environment: no layer moves, and no Docker is needed. The release record keeps the digest that the tag had before, for a rollback.",
  jobDescription: "Give an image that is in AWS ECR one more tag, such as that of an environment.",
  title: "Promote an image in ECR",
  parameters: {
    repository,
    from: string(
      {
        description:
          "Tag or digest of the image; ${NAME} is filled from the environment, as with ${CIRCLEBACK_IMAGE_DIGEST}.",
      },
      parseReference,
    ),
    to: string(
      { description: "The tag that it gets; ${NAME} is filled from the environment." },
      (text, env) => parseTag(fillName(text, env)),
    ),
    ...ecrParameters,
    release: releaseName("promotion"),
    "install-node": installNode,
  },
  after: keepRelease,
});

export type PromoteInput = Input<typeof definition>;

function parseReference(text: string, env: Environment): string {
  const reference = fillName(text, env);
  return isDigest(reference) ? reference : parseTag(reference);
}
