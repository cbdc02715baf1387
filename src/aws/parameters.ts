import { fillVariables } from "../orb/fill-variables.ts";
import { string, Unfit } from "../orb/parameter.ts";
import { credentialParameters } from "./credential-parameters.ts";
import { parseRegion } from "./region.ts";

const region = {
  region: string(
    {
      description:
        "Region of AWS; ${NAME} is filled from the environment. Empty: AWS_REGION, or else AWS_DEFAULT_REGION.",
      default: "",
    },
    (text, env) => {
      const region = fillVariables(text, env) || env.AWS_REGION || env.AWS_DEFAULT_REGION;
      if (region) return parseRegion(region);
      throw new Unfit("is empty, and neither AWS_REGION nor AWS_DEFAULT_REGION is set", {
        hints: ["Name the region, such as eu-central-1."],
      });
    },
  ),
};

/** As Docker tells a registry's host from the first word of a name (distribution/reference). */
function isRegistryHost(text: string): boolean {
  const [host = "", port] = text.split(/:(\d{1,5})$/);
  const words = host.split(".");
  if (!words.every((word) => /^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$/.test(word))) return false;
  return port === undefined ? host === "localhost" || words.length > 1 : Number(port) < 65_536;
}

/** The parameters that every command has that talks to AWS. */
export const awsParameters = { ...region, ...credentialParameters };

/** Those of the commands that talk to ECR. */
export const ecrParameters = {
  ...region,
  "account-id": string(
    {
      description:
        "Id of the account that the registry belongs to; ${NAME} is filled from the environment. Empty: the account of the credentials.",
      default: "",
    },
    (text, env) => {
      const account = fillVariables(text, env);
      if (account === "") return null;
      if (/^\d{12}$/.test(account)) return account;
      throw new Unfit(`is no id of an account: "${account}"`, {
        hints: ["An id has twelve digits; put it into quotes, or YAML takes a leading zero away."],
      });
    },
  ),
  registry: string(
    {
      description:
        "Host of the registry where it is another than ECR's own for that account and region: a VPC endpoint, a test server. ${NAME} is filled from the environment.",
      default: "",
    },
    (text, env) => {
      const registry = fillVariables(text, env);
      if (registry === "") return null;
      if (isRegistryHost(registry)) return registry;
      throw new Unfit(`is no host of a registry: "${registry}"`, {
        hints: [
          "Give a host name with a dot or a port in it, neither https:// before it nor a path behind it: Docker takes any other word for a name on Docker Hub.",
        ],
      });
    },
  ),
  ...credentialParameters,
};
