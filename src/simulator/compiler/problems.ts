import type { CompileError } from "./compiled-config.ts";

/** Where the compiler is: the path in the source, and the calls that led there. */
export class Place {
  readonly path: readonly (string | number)[];
  readonly calls: readonly string[];

  constructor(path: readonly (string | number)[] = [], calls: readonly string[] = []) {
    this.path = path;
    this.calls = calls;
  }

  at(...keys: readonly (string | number)[]): Place {
    return new Place([...this.path, ...keys], this.calls);
  }

  calling(kind: "workflow" | "job" | "command" | "executor", name: string): Place {
    return new Place(this.path, [...this.calls, `Error calling ${kind}: '${name}'`]);
  }

  /** The same calls, but the text is elsewhere: inside the definition of what is called. */
  jumpTo(path: readonly (string | number)[]): Place {
    return new Place(path, this.calls);
  }
}

class Abandoned extends Error {}

/** Everything that is wrong, in the order in which it was found, each problem once. */
export class Problems {
  readonly #errors: CompileError[] = [];
  readonly #seen = new Set<string>();
  #reported = 0;

  report(place: Place, message: string): void {
    this.#reported += 1;
    const path = place.path.join(".");
    const key = `${path}\n${message}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#errors.push({ path, message: [...place.calls, message].join("\n") });
  }

  /** Reports the problem and gives up the nearest `attempt`. */
  fail(place: Place, message: string): never {
    this.report(place, message);
    return this.abandon();
  }

  abandon(): never {
    throw new Abandoned();
  }

  /** Runs the work; undefined when it gave up, so that the caller can go on and find more. */
  attempt<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (error instanceof Abandoned) return undefined;
      throw error;
    }
  }

  /** How often `report` was called, repetitions included: tells whether a piece of work found anything wrong. */
  get reported(): number {
    return this.#reported;
  }

  get errors(): readonly CompileError[] {
    return this.#errors;
  }
}
