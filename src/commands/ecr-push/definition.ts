import { ecrParameters } from "../../aws/parameters.ts";
import { repository } from "../../delivery/image-name.ts";
import { keepRelease, releaseName } from "../../delivery/release-record.ts";
import { defineCommand, type Input } from "../../orb/define-command.ts";
import { installNode } from "../../orb/install-node.ts";
import { boolean, choice, string } from "../../orb/parameter.ts";
import { parseBuildSecrets } from "./build-secrets.ts";
import { checkPushInput } from "./check-input.ts";
import { parseMovingTags } from "./moving-tags.ts";
import { parseBuildArguments, parseLabels } from "./named-values.ts";
import { parseContext, parseFile } from "./paths.ts";
import { parsePlatforms, parseTarget } from "./platforms.ts";
import { parseBranchTags, parseTags } from "./tags.ts";

export const definition = defineCommand({
  name: "ecr-push",
  description:
    "Build an image, push it to AWS ECR under its version, and give the branch its tag. Nothing is installed, and no login stays behind. Needs Docker: `setup_remote_docker` before it, or a machine executor.",
  jobDescription:
    "Check the code out, build an image, push it to AWS ECR under its version, and give the branch its tag.",
  title: "Build and push to ECR",
  parameters: {
    repository,
    tags: string(
      {
        description:
          "Tags of the version, one a line; the first is pushed, the others are added to it. ${NAME} is filled from the environment, with a dash for what a tag cannot have (a/b and a-b are one); none may be the tag of a branch, nor become one of `moving-tags` by a variable.",
        default: "0.1.${CIRCLE_BUILD_NUM}",
      },
      parseTags,
    ),
    "branch-tags": string(
      {
        description:
          "Lines of branch=tag: a build of that branch also moves that tag to its image. Empty: none.",
        default: "develop=develop\npreprod=preprod\nmaster=master",
      },
      parseBranchTags,
    ),
    "moving-tags": string(
      {
        description:
          "Other tags that may move in a repository that `create-repository` makes, one a line, such as those that ecr-promote gives; * stands for any characters.",
        default: "production",
      },
      parseMovingTags,
    ),
    path: string(
      { description: "The build context, below the working directory.", default: "." },
      parseContext,
    ),
    dockerfile: string(
      { description: "The Dockerfile, as seen from `path`.", default: "Dockerfile" },
      parseFile,
    ),
    "build-args": string(
      {
        description:
          "Build arguments, lines of NAME=value; ${NAME} is filled from the environment. API_VERSION is the first tag unless it is given. They stay readable in the image: no place for a secret.",
        default: "",
      },
      parseBuildArguments,
    ),
    secrets: string(
      {
        description:
          "Secrets for RUN --mount=type=secret, lines of id=ENV_NAME, where ENV_NAME names the environment variable that holds the secret.",
        default: "",
      },
      parseBuildSecrets,
    ),
    target: string(
      { description: "Stage of the Dockerfile to build. Empty: the last.", default: "" },
      parseTarget,
    ),
    platforms: string(
      {
        description:
          "Platforms to build for, such as linux/amd64,linux/arm64; more than one needs buildx with a builder that can. Empty: the engine's own.",
        default: "",
      },
      parsePlatforms,
    ),
    cache: choice({
      description:
        "Where layers of earlier builds come from: nowhere but the engine (none), the images of the branches (inline), or the tag buildcache (registry, which needs buildx).",
      default: "none",
      values: ["none", "inline", "registry"],
    }),
    provenance: choice({
      description:
        "Whether buildx attests how the image was built: none (CircleCI would read off as false), min or max. AWS Lambda takes no image with an attestation.",
      default: "none",
      values: ["none", "min", "max"], // "off" is false to CircleCI: circleci-config-sdk-ts issue 170
    }),
    labels: string(
      {
        description:
          "Labels, lines of key=value; ${NAME} is filled from the environment. The OCI's revision, source, version and created are there unless they are given.",
        default: "",
      },
      parseLabels,
    ),
    "skip-build": boolean({
      description: "Build nothing where the first tag exists; the other tags are still brought to its image.",
      default: false,
    }),
    "create-repository": boolean({
      description:
        "Create the repository where there is none: versions immutable, `branch-tags` and `moving-tags` not, images scanned on push.",
      default: false,
    }),
    "dry-run": boolean({
      description:
        "Print every call and command, and do none of them. The release record, which takes the place of an earlier one of its name, says that it was a dry run.",
      default: false,
    }),
    ...ecrParameters,
    release: releaseName("image"),
    "install-node": installNode,
  },
  jobParameters: {
    "remote-docker": boolean({
      description:
        "Set up a remote Docker engine, as container executors need it. False: on a machine executor.",
      default: true,
    }),
  },
  jobBefore: ["checkout", { when: { condition: "remote-docker", steps: ["setup_remote_docker"] } }],
  rules: checkPushInput,
  after: keepRelease,
});

export type PushInput = Input<typeof definition>;
