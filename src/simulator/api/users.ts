import { identify } from "../engine/ids.ts";
import type { User } from "../engine/state.ts";

/** The user with that login. */
export function identifyUser(login: string): User {
  return { id: identify(`user:${login}`), login };
}
