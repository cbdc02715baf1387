/** The caller breaks a rule of the API that the real service may let pass: the test fails. */
export class Violation extends Error {
  override readonly name = "Violation";
}
