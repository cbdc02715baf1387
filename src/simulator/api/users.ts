import { createHash } from "node:crypto";
import type { User } from "../engine/state.ts";

/** The user with that login. The id follows from the login, so that everybody who names a user means the same one. */
export function identifyUser(login: string): User {
  const hex = createHash("sha256").update(`user:${login}`).digest("hex");
  const id = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  return { id, login };
}
