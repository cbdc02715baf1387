/** How the program can be told to end, with 128 and the number of the signal, as shells report it. */
const exitCodes = { SIGHUP: 129, SIGINT: 130, SIGPIPE: 141, SIGTERM: 143 } as const;
type EndingSignal = keyof typeof exitCodes;
const signals = ["SIGHUP", "SIGINT", "SIGTERM"] as const;

/** The runs that are under way: a broken pipe is no signal in Node, and has to be told to them. */
const running = new Set<(signal: EndingSignal) => void>();

/** A person or the system asked the program to end. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  readonly exitCode: number;

  constructor(signal: EndingSignal) {
    super(`${signal}: everything that was running has been ended.`);
    this.exitCode = exitCodes[signal];
  }
}

/** Runs an action with a signal that an interrupt aborts, with an `Interrupted` as its reason. */
export async function withInterrupt<Result>(
  action: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const abort = (signal: EndingSignal) => controller.abort(new Interrupted(signal));
  running.add(abort);
  for (const signal of signals) process.on(signal, abort);
  try {
    return await action(controller.signal);
  } finally {
    running.delete(abort);
    for (const signal of signals) process.off(signal, abort);
  }
}

/** Ends what is running when whoever read the output has gone, as after `| head`. */
export function interruptOnBrokenPipe(stream: NodeJS.WritableStream): void {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    for (const abort of running) abort("SIGPIPE");
  });
}
