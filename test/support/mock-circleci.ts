import { fetch, MockAgent, type RequestInit as UndiciInit } from "undici";
import type { Host } from "../../src/host/host.ts";

export interface MockCircleCi {
  readonly origin: string;
  readonly fetch: Host["fetch"];
  /** Every request so far: `GET /me`. */
  readonly requests: readonly string[];
  /** The next request must be this one; answers are used in the order in which they were given. */
  answer(
    method: "GET" | "POST",
    path: string,
    status: number,
    body: unknown,
    headers?: Record<string, string>,
  ): void;
  /** The next such request loses its connection with this error code. */
  breakConnection(method: "GET" | "POST", path: string, code: string): void;
  /** Throws where an answer was not asked for. */
  assertAllUsed(): void;
}

/** CircleCI's API as a list of answers, on the very engine that users run: any request that was not foreseen fails. */
export function createMockCircleCi(): MockCircleCi {
  const origin = "https://circleci.com";
  const agent = new MockAgent();
  agent.disableNetConnect();
  const pool = agent.get(origin);
  const requests: string[] = [];
  return {
    origin,
    requests,
    fetch: async (url, init) => {
      requests.push(`${init.method} ${url.replace(`${origin}/api/v2`, "")}`);
      const response = await fetch(url, { ...(init as unknown as UndiciInit), dispatcher: agent });
      return response as unknown as Response;
    },
    answer(method, path, status, body, headers = {}) {
      const data = typeof body === "string" ? body : JSON.stringify(body);
      pool.intercept({ method, path: `/api/v2${path}` }).reply(status, data, { headers });
    },
    breakConnection(method, path, code) {
      const error = Object.assign(new Error(`connection broken: ${code}`), { code });
      pool.intercept({ method, path: `/api/v2${path}` }).replyWithError(error);
    },
    assertAllUsed: () => agent.assertNoPendingInterceptors(),
  };
}
