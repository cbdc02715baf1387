import { Agent, request as requestHttps } from "node:https";
import { text } from "node:stream/consumers";
import type { Host } from "../host/host.ts";
import type { Secret } from "../secret.ts";

/** How the two ends of a connection prove who they are. Null where there is nothing special. */
export interface Trust {
  /** PEM; it replaces the authorities that Node knows. */
  readonly authority: string | null;
  readonly serverName: string | null;
  readonly certificate: string | null;
  readonly key: Secret | null;
}

/** As `fetch`, which cannot be told of an authority or a client's certificate unless all of undici is bundled. */
export function createHttpsFetch({ authority, serverName, certificate, key }: Trust): Host["fetch"] {
  const agent = new Agent({
    keepAlive: true,
    ...(authority !== null && { ca: authority }),
    ...(serverName !== null && { servername: serverName }),
    ...(certificate !== null && key !== null && { cert: certificate, key: key.reveal() }),
  });
  return (url, { method = "GET", headers = {}, body, signal }) =>
    new Promise((resolve, reject) => {
      const request = requestHttps(url, {
        agent,
        method,
        headers: {
          ...Object.fromEntries(new Headers(headers)),
          // Node frames no body of a DELETE by itself.
          ...(typeof body === "string" && { "Content-Length": Buffer.byteLength(body) }),
        },
        ...(signal && { signal }),
      });
      request.on("error", reject);
      request.on("response", (response) => {
        const { statusCode: status = 0, headers: answered } = response;
        const retryAfter = answered["retry-after"];
        text(response).then(
          (answer) =>
            resolve(
              new Response(status === 204 || status === 304 ? null : answer, {
                status,
                ...(retryAfter !== undefined && { headers: { "Retry-After": retryAfter } }),
              }),
            ),
          reject,
        );
      });
      request.end(typeof body === "string" ? body : undefined);
    });
}
