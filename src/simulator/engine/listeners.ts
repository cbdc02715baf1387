/** Tells everybody who asked. A change that a listener makes is told once all have heard of the one before. */
export class Listeners {
  readonly #listeners = new Set<() => void>();
  #untold = 0;
  #isTelling = false;

  add(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  tell(): void {
    this.#untold += 1;
    if (this.#isTelling) return;
    this.#isTelling = true;
    try {
      for (; this.#untold > 0; this.#untold -= 1) {
        for (const listener of [...this.#listeners]) listener();
      }
    } finally {
      this.#isTelling = false;
      this.#untold = 0;
    }
  }
}
