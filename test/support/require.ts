import { test } from "vitest";

/**
 * Whether a foreign part (a program, a right, a built file) is there to test with. Call it where tests are
 * declared and hand the answer to `skipIf`/`runIf`. The probe returns the reason why it is not, or null.
 *
 * A missing part is said aloud and its tests are skipped; with REQUIRE_ALL=1 it is a failing test, unless
 * NOT_RUN (names, comma separated) says that it could not be delivered today.
 */
export function available(name: string, probe: () => string | null): boolean {
  const reason = probe();
  if (reason === null) return true;
  const excused = (process.env.NOT_RUN ?? "").split(",").includes(name);
  if (process.env.REQUIRE_ALL === "1" && !excused) {
    test(`${name} is there to test with`, () => {
      throw new Error(`${reason} (REQUIRE_ALL=1 allows no skips; scripts/services installs what is missing)`);
    });
  } else {
    console.warn(`SKIPPED for want of ${name}: ${reason}`);
    test.skip(`${name} is there to test with`); // so that the count of skips tells, whatever else is left out
  }
  return false;
}
