import { fillVariables } from "../orb/fill-variables.ts";
import { choice, secretIfNeeded, string } from "../orb/parameter.ts";
import type { Secret } from "../secret.ts";
import type { SshInput } from "./connect.ts";
import type { Pin } from "./host-keys.ts";
import { parsePins } from "./host-keys.ts";
import { parseHosts, parseTarget, type Target } from "./target.ts";

/** The parameters that every command has that works on hosts over ssh. */
export const sshParameters = {
  hosts: string(
    {
      description:
        "Where to: lines of `branch: user@host[:port], …`, of which the first that fits the branch counts, `*` standing for any characters; or hosts without a branch. ${NAME} is filled from the environment.",
    },
    parseHosts,
  ),
  jump: string(
    {
      description:
        "A host to go through, as user@host[:port]; its key is pinned as well. ${NAME} is filled from the environment. Empty: none.",
      default: "",
    },
    (text, env) => (text === "" ? null : parseTarget(fillVariables(text, env))),
  ),
  "ssh-key": secretIfNeeded({
    description:
      "Name of the environment variable that holds the private key. Where it is not set, the keys of `add_ssh_keys` and of the agent are used.",
    default: "DEPLOY_SSH_KEY",
  }),
  "known-hosts": string(
    {
      description:
        "The keys of the hosts, as lines of known_hosts, such as ${KNOWN_HOSTS}, filled from the environment.",
      default: "",
    },
    fillVariables,
  ),
  "host-key-fingerprints": string(
    {
      description:
        "Instead of known-hosts: fingerprints of the hosts' keys, SHA256:… of any key type, one a line, with the host before it where it is for that one alone. ${NAME} is filled from the environment.",
      default: "",
    },
    parsePins,
  ),
  "host-key-check": choice({
    description:
      "What becomes of a host whose key is not pinned: it is refused (strict), or taken for what it says it is (accept-new).",
    default: "strict",
    values: ["strict", "accept-new"],
  }),
};

interface SshParameters {
  readonly jump: Target | null;
  readonly sshKey: { readonly value: Secret | null };
  readonly knownHosts: string;
  readonly hostKeyFingerprints: readonly Pin[];
  readonly hostKeyCheck: "strict" | "accept-new";
}

export function sshInput(input: SshParameters): SshInput {
  return {
    jump: input.jump,
    key: input.sshKey.value,
    hostKeys: {
      knownHosts: input.knownHosts,
      pins: input.hostKeyFingerprints,
      acceptNew: input.hostKeyCheck === "accept-new",
    },
  };
}
