import type { Play } from "../play.ts";
import { findBadCancels } from "./cancels.ts";
import { findBadDecisions } from "./decisions.ts";
import { Findings } from "./findings.ts";
import { findHangs } from "./hangs.ts";
import { findLies } from "./lies.ts";
import { findInsanity } from "./sanity.ts";
import { findTwins } from "./twice.ts";
import type { Violation } from "./violation.ts";

/** Everything that a run has done wrong, judged by the state of the engine and never by what its API answers. */
export function judgePlay(play: Play): readonly Violation[] {
  const record = new Findings(play);
  return [findInsanity, findTwins, findBadDecisions, findLies, findHangs, findBadCancels].flatMap((find) =>
    find(record),
  );
}
