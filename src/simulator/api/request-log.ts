import type { RequestReport } from "../report/report.ts";

/** Every request in the order of arrival. One that is still waiting for its answer has the status null. */
export class RequestLog {
  readonly #entries: RequestReport[] = [];
  readonly #listeners = new Set<(request: RequestReport) => void>();

  get entries(): readonly RequestReport[] {
    return this.#entries;
  }

  /** Notes the arrival; the answer is told with the function that comes back, null for a cut connection. */
  begin(arrival: Omit<RequestReport, "status">): (status: number | null) => void {
    const place = this.#entries.push({ ...arrival, status: null }) - 1;
    return (status) => {
      const entry = { ...arrival, status };
      this.#entries[place] = entry;
      for (const listener of this.#listeners) listener(entry);
    };
  }

  /** Calls the listener once per request, when it has been answered. The answer ends it. */
  onRequest(listener: (request: RequestReport) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
