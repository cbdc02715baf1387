import { Refusal } from "../engine/refusal.ts";

/** An answer of the service that is no success: `{"message": …}` under that status. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: 400 | 401 | 404 | 409;

  constructor(status: ApiError["status"], message: string) {
    super(message);
    this.status = status;
  }
}

const STATUS_OF_REFUSAL = { "not-found": 404, "bad-request": 400, conflict: 409 } as const;

/** What the service answers to an error it expects; null for anything else, which is a defect of the simulator. */
export function toApiError(error: unknown): ApiError | null {
  if (error instanceof ApiError) return error;
  if (error instanceof Refusal) return new ApiError(STATUS_OF_REFUSAL[error.kind], error.message);
  return null;
}
