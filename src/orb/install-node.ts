import { boolean } from "./parameter.ts";

/** Read by `run.sh` before the program starts: handlers never look at it. */
export const installNode = boolean({
  description:
    "Install a pinned Node.js for the rest of the job where the image has none, or one older than 18. False: say what to do instead.",
  default: true,
});
