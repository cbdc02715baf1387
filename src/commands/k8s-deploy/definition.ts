import { credentialParameters } from "../../aws/credential-parameters.ts";
import { deployParameters } from "../../delivery/deploy-parameters.ts";
import { keepRelease, releaseName } from "../../delivery/release-record.ts";
import { type BrokenRule, defineCommand, type Input } from "../../orb/define-command.ts";
import { fillVariables } from "../../orb/fill-variables.ts";
import { installNode } from "../../orb/install-node.ts";
import { boolean, duration, secretIfNeeded, string } from "../../orb/parameter.ts";
import { environmentName } from "../../rollout/environment-name.ts";
import { parseCluster, parseLabel, parseManifests, parseOptionalRegion, parseWorkload } from "./parse.ts";

export const definition = defineCommand({
  name: "k8s-deploy",
  description:
    "Deploy to Kubernetes, on Amazon EKS or anywhere: give a workload its new image, or apply manifests on the server, wait for the roll-out, and undo what does not get well. Neither kubectl nor a plug-in is needed.",
  jobDescription:
    "Check the code out and deploy to Kubernetes: a new image or manifests, until it has rolled out, or back.",
  title: "Deploy to Kubernetes",
  parameters: {
    workload: string(
      {
        description:
          "What gets the image: deployment/<name>, statefulset/<name>, daemonset/<name> or cronjob/<name>; ${NAME} is filled from the environment. Empty: `manifest` is applied.",
        default: "",
      },
      parseWorkload,
    ),
    container: string(
      {
        description:
          "Name of the container that gets the image; ${NAME} is filled from the environment. Empty: the only one in the workload.",
        default: "",
      },
      parseLabel,
    ),
    manifest: string(
      {
        description:
          "Instead of workload: paths of manifests below the working directory, one a line, applied in that order; ${NAME} is filled in the paths, and in the files ${IMAGE} alone, with the image.",
        default: "",
      },
      parseManifests,
    ),
    ...deployParameters,
    namespace: string(
      {
        description:
          "The namespace, where a manifest names none; ${NAME} is filled from the environment. Empty: that of the kubeconfig, or else `default`.",
        default: "",
      },
      parseLabel,
    ),
    cluster: string(
      {
        description:
          "Name of the Amazon EKS cluster; ${NAME} is filled from the environment. Empty: a kubeconfig is used.",
        default: "",
      },
      parseCluster,
    ),
    kubeconfig: secretIfNeeded({
      description:
        "Name of the environment variable that holds a kubeconfig, as it is or in base64: its current context, with a token or a client certificate.",
      default: "KUBECONFIG_DATA",
    }),
    "kubeconfig-path": string(
      {
        description:
          "Path of a kubeconfig, instead of the variable; ${NAME} is filled from the environment, as with ${HOME}/.kube/config.",
        default: "",
      },
      fillVariables,
    ),
    rollback: boolean({
      description: "Undo what was changed when it cannot be applied or rolled out as a whole.",
      default: true,
    }),
    timeout: duration({
      description: "How long the roll-out may take, and once more as long to undo it.",
      default: "10m",
    }),
    "force-conflicts": boolean({
      description: "Take over fields of the manifests that somebody else manages, instead of failing.",
      default: false,
    }),
    "dry-run": boolean({
      description: "Let the cluster check everything, print what would change, and change nothing.",
      default: false,
    }),
    "environment-name": environmentName,
    region: string(
      {
        description:
          "Region of the EKS cluster; ${NAME} is filled from the environment. Empty: AWS_REGION, or else AWS_DEFAULT_REGION.",
        default: "",
      },
      parseOptionalRegion,
    ),
    ...credentialParameters,
    release: releaseName("deploy"),
    "install-node": installNode,
  },
  rules({ workload, manifest, cluster, kubeconfig, kubeconfigPath, region }) {
    const broken: BrokenRule[] = [];
    if ((workload === null) === (manifest.length === 0)) {
      broken.push({
        sentence: `${workload === null ? "Neither" : "Both"} \`workload\` ${workload === null ? "nor" : "and"} \`manifest\` ${workload === null ? "is" : "are"} given.`,
        hints: ["Give `workload` to change an image, or `manifest` to apply files."],
      });
    }
    if (cluster !== "" && kubeconfigPath !== "") {
      broken.push({
        sentence: "Both `cluster` and `kubeconfig-path` are given.",
        hints: ["Give `cluster` for Amazon EKS, or `kubeconfig-path` for any other cluster."],
      });
    }
    if (cluster !== "" && region === "") {
      broken.push({
        sentence: "Parameter `region` is empty, and neither AWS_REGION nor AWS_DEFAULT_REGION is set.",
        hints: ["Name the region of the cluster, such as eu-central-1."],
      });
    }
    if (cluster === "" && kubeconfigPath === "" && kubeconfig.value === null) {
      broken.push({
        sentence: `No cluster is given: \`cluster\` and \`kubeconfig-path\` are empty, and ${kubeconfig.variable} is not set.`,
        hints: [
          `Give \`cluster\` for Amazon EKS, or put a kubeconfig into ${kubeconfig.variable}, best in a context.`,
        ],
      });
    }
    return broken;
  },
  jobBefore: ["checkout"],
  before: [{ attach_workspace: { at: "." } }],
  after: keepRelease,
});

export type K8sInput = Input<typeof definition>;
