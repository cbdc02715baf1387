import type { Standing } from "../../delivery/read-releases.ts";

export type Result = "success" | "failure";
export type Kind = Result | "start" | "hold" | "deployed" | "rolled-back";

interface Asked {
  readonly message: Kind | "result";
  readonly event: "always" | "pass" | "fail";
}

/**
 * The message that is true, or null where there is nothing to tell. How what was delivered stands counts for the
 * messages that tell of it.
 */
export function chooseMessage({ message, event }: Asked, result: Result, standing: Standing): Kind | null {
  if (event === (result === "success" ? "fail" : "pass")) return null;
  if (message === "result") return result;
  if (message === "success" || message === "failure") return message === result ? message : null;
  if (message === "deployed" && result === "success") {
    return standing === "rolled-back" ? "rolled-back" : "deployed";
  }
  if (message === "rolled-back") {
    if (standing === "rolled-back" || standing === "undone") return "rolled-back";
    if (result === "success") return standing === null ? "rolled-back" : null;
  }
  return message === "start" || message === "hold" ? message : "failure";
}
