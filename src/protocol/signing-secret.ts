import { secretIfNeeded } from "../orb/parameter.ts";

export const signingSecret = secretIfNeeded({
  description:
    "Name of the environment variable that holds the secret by which tickets are signed and checked. Where the variable is not set, tickets are neither.",
  default: "CIRCLEBACK_SIGNING_SECRET",
});
