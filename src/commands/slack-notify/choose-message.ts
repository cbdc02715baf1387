export type Result = "success" | "failure";
export type Kind = Result | "start" | "hold" | "deployed" | "rolled-back";

interface Asked {
  readonly message: Kind | "result";
  readonly event: "always" | "pass" | "fail";
}

/** The message that is true, or null where there is nothing to tell. */
export function chooseMessage({ message, event }: Asked, result: Result): Kind | null {
  if (event === (result === "success" ? "fail" : "pass")) return null;
  if (message === "result") return result;
  if (message === "success" || message === "failure") return message === result ? message : null;
  return message === "deployed" ? (result === "success" ? "deployed" : "failure") : message;
}
