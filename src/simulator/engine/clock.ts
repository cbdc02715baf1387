/** Time as the engine sees it: real when a person watches, virtual in a campaign. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `action` once, `delay` milliseconds from now; the answer calls it off. */
  after(delay: number, action: () => void): () => void;
}

export const realClock: Clock = {
  now: () => Date.now(),
  after(delay, action) {
    const timer = setTimeout(action, delay);
    return () => clearTimeout(timer);
  },
};
