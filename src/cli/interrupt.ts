/** A person or the system asked the program to end. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  /** 128 and the number of the signal, as shells report it. */
  readonly exitCode: 130 | 143;

  constructor(signal: "SIGINT" | "SIGTERM") {
    super(`${signal}: everything that was running has been ended.`);
    this.exitCode = signal === "SIGINT" ? 130 : 143;
  }
}

/** Runs an action with a signal that SIGINT and SIGTERM abort, with an `Interrupted` as its reason. */
export async function withInterrupt<Result>(
  action: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const abort = (signal: "SIGINT" | "SIGTERM") => controller.abort(new Interrupted(signal));
  process.on("SIGINT", abort);
  process.on("SIGTERM", abort);
  try {
    return await action(controller.signal);
  } finally {
    process.off("SIGINT", abort);
    process.off("SIGTERM", abort);
  }
}
