import { chownSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Leaves the lock of a transaction that is dead: it counts so many seconds more. */
export function leaveLock(lock: string, seconds: number): void {
  const { uid, gid } = statSync(join(lock, ".."));
  const expires = String(Math.floor(Date.now() / 1000) + seconds);
  const files = { who: "bob (a job)", workflow: "another", pid: "999999", tx: "0", expires, until: "then" };
  mkdirSync(lock);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(lock, name), `${text}\n`);
  for (const name of ["", ...Object.keys(files)]) chownSync(join(lock, name), uid, gid);
}
