import { credentialParameters } from "../aws/credential-parameters.ts";
import { openCredentials } from "../aws/credentials.ts";
import { authorize } from "../aws/ecr-authorize.ts";
import { parseRegion } from "../aws/region.ts";
import type { Host } from "../host/host.ts";
import { fillVariables } from "../orb/fill-variables.ts";
import { choice, type NamedSecret, requireSecret, secretIfNeeded, string, Unfit } from "../orb/parameter.ts";
import type { RegistryLogin } from "./script.ts";

/** The parameters of a command that logs a host in to a registry for a moment. */
export const registryParameters = {
  "registry-login": choice({
    description:
      "How the host gets its images: with a token of ECR that is made here, with registry-user and registry-password, as it is set up itself (none), or by the registry's name and the variables that are set (auto).",
    default: "auto",
    values: ["auto", "ecr", "password", "none"],
  }),
  registry: string(
    {
      description:
        "Host of the registry to log in to; ${NAME} is filled from the environment. Empty: that of the image.",
      default: "",
    },
    (text, env) => {
      const registry = fillVariables(text, env);
      if (/^([\w.-]+(:\d{1,5})?)?$/.test(registry)) return registry;
      throw new Unfit(`is no host of a registry: "${registry}"`, {
        hints: ["Give a host name with or without a port, neither https:// before it nor a path behind it."],
      });
    },
  ),
  "registry-user": secretIfNeeded({
    description: "Name of the environment variable that holds the user of a registry other than ECR.",
    default: "REGISTRY_USER",
  }),
  "registry-password": secretIfNeeded({
    description: "Name of the environment variable that holds the password of that user.",
    default: "REGISTRY_PASSWORD",
  }),
  region: string(
    {
      description:
        "Region of ECR; ${NAME} is filled from the environment. Empty: as the registry's name says, or else AWS_REGION or AWS_DEFAULT_REGION.",
      default: "",
    },
    (text, env) => {
      const region = fillVariables(text, env) || env.AWS_REGION || env.AWS_DEFAULT_REGION || "";
      return region === "" ? "" : parseRegion(region);
    },
  ),
  ...credentialParameters,
};

interface RegistryInput {
  readonly registryLogin: "auto" | "ecr" | "password" | "none";
  readonly registry: string;
  readonly registryUser: NamedSecret;
  readonly registryPassword: NamedSecret;
  readonly region: string;
  readonly roleArn: string;
  readonly oidcToken: NamedSecret;
  readonly accessKeyId: NamedSecret;
  readonly secretAccessKey: NamedSecret;
  readonly sessionToken: NamedSecret;
}

/** What the host logs in with, good for one deploy; null where it needs nothing from here. */
export async function prepareLogin(
  host: Host,
  input: RegistryInput,
  image: string,
): Promise<RegistryLogin | null> {
  const registry = input.registry || registryOf(image);
  const way = chooseLogin(input, registry);
  if (way === "none") return null;
  if (way === "password") {
    const [user, password] = [requireSecret(input.registryUser), requireSecret(input.registryPassword)];
    host.log.hide(password);
    return { registry, user: user.reveal(), password: password.reveal() };
  }
  const region = ecrName.exec(registry)?.[1] ?? input.region;
  const place = region || parseRegion("");
  const authorization = await authorize(host, place, openCredentials(host, { ...input, region: place }));
  host.log.info(`Got a login for ${registry || authorization.host} from ECR.`);
  return { registry: registry || authorization.host, user: "AWS", password: authorization.password.reveal() };
}

const ecrName = /^\d{12}\.dkr[.-]ecr(?:-fips)?\.([a-z\d-]+)\./;

function chooseLogin(
  input: Pick<RegistryInput, "registryLogin" | "registryUser" | "registryPassword">,
  registry: string,
): "ecr" | "password" | "none" {
  if (input.registryLogin !== "auto") return input.registryLogin;
  if (ecrName.test(registry)) return "ecr";
  return input.registryUser.value !== null && input.registryPassword.value !== null ? "password" : "none";
}

/** The host in the name of an image, by Docker's rule: the first part is one where it has a dot or a port. */
function registryOf(image: string): string {
  if (image === "") return "";
  const [first = "", ...rest] = image.split("/");
  return rest.length > 0 && (/[.:]/.test(first) || first === "localhost") ? first : "docker.io";
}
