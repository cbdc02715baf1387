/** Ends a step as failed; the message becomes the last line of its output. */
export class StepFailure extends Error {
  override readonly name = "StepFailure";
}
