/** An answer as it came: these questions are about what no schema may tidy up. */
export interface RawAnswer {
  readonly status: number;
  /** Parsed where it is JSON, else the text. */
  readonly body: unknown;
  readonly headers: Headers;
  /** Milliseconds from the request to the last byte. */
  readonly took: number;
}

type Credentials = "circle-token" | "bearer" | "wrong" | "none";

export interface RawApi {
  /** `path` begins with /api/, or is a whole address. Redirects are answers. Throws where there is no answer. */
  ask(
    method: "GET" | "POST",
    path: string,
    options?: { readonly body?: unknown; readonly as?: Credentials },
  ): Promise<RawAnswer>;
}

const timeout = 30_000;

export function createRawApi(origin: string, token: string): RawApi {
  const headersFor: Readonly<Record<Credentials, Readonly<Record<string, string>>>> = {
    "circle-token": { "Circle-Token": token },
    bearer: { Authorization: `Bearer ${token}` },
    wrong: { "Circle-Token": "0".repeat(40) },
    none: {},
  };
  return {
    async ask(method, path, { body, as = "circle-token" } = {}) {
      const began = performance.now();
      const url = new URL(path, origin);
      const response = await fetch(url, {
        method,
        redirect: "manual",
        signal: AbortSignal.timeout(timeout),
        headers: {
          ...headersFor[as],
          Accept: "application/json",
          ...(body !== undefined && { "Content-Type": "application/json" }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }).catch((error: unknown) => {
        const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error;
        throw new Error(`${method} ${url.pathname} got no answer: ${reason}`);
      });
      const text = await response.text();
      return {
        status: response.status,
        body: parse(text),
        headers: response.headers,
        took: performance.now() - began,
      };
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** `202 {"message":"Accepted."} (0.12 s)`; long bodies are cut. */
export function describeAnswer({ status, body, took }: RawAnswer): string {
  const text = typeof body === "string" ? body.replaceAll(/\s+/g, " ") : JSON.stringify(body);
  const shown = text.length > 300 ? `${text.slice(0, 300)} …` : text;
  return `${status} ${shown || "(empty)"} (${seconds(took)})`;
}

export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}
