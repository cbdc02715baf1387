/** A request that CircleCI would refuse; the API turns `kind` into a status code. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly kind: "not-found" | "bad-request" | "conflict";

  constructor(kind: Refusal["kind"], message: string) {
    super(message);
    this.kind = kind;
  }
}
