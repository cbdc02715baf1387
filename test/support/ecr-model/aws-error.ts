/** An answer that says no, as AWS words it. */
export class AwsError extends Error {
  override readonly name = "AwsError";
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export function invalidParameter(field: string, constraint: string): AwsError {
  return new AwsError(
    "InvalidParameterException",
    `Invalid parameter at '${field}' failed to satisfy constraint: '${constraint}'`,
  );
}
