import { createServer, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Api, type ApiOptions, ConnectionCut } from "./api.ts";

export interface ApiServerOptions extends ApiOptions {
  /** Of the main address; 0 or absent: any free one. */
  readonly port?: number;
}

/** The API on sockets of 127.0.0.1. */
export interface ApiServer {
  readonly api: Api;
  /** The address for callers that are no jobs, without a slash at its end. */
  readonly url: string;
  /** An address of the job's own, by which its requests are told from those of others. */
  urlForJob(jobId: string): Promise<string>;
  /** Stops listening and cuts every connection that is still open. */
  close(): Promise<void>;
}

export async function openApi(options: ApiServerOptions): Promise<ApiServer> {
  const api = new Api(options);
  const main = await listen((request) => api.answer(request, null), options.port ?? 0);
  const bytes = await listen((request) => api.fetchBytes(request), 0);
  api.serveBytesFrom(bytes.url);
  const jobs = new Map<string, Promise<Listening>>();
  let isClosed = false;

  return {
    api,
    url: main.url,
    async urlForJob(jobId) {
      if (isClosed) throw new Error("The API is closed.");
      const known = jobs.get(jobId) ?? listen((request) => api.answer(request, jobId), 0);
      jobs.set(jobId, known);
      return (await known).url;
    },
    async close() {
      isClosed = true;
      api.cutWaiting();
      const listening = [main, bytes, ...(await Promise.all(jobs.values()))];
      await Promise.all(listening.map(({ server }) => stop(server)));
    },
  };
}

interface Listening {
  readonly server: Server;
  readonly url: string;
}

async function listen(answer: (request: Request) => Promise<Response>, port: number): Promise<Listening> {
  const server = createServer(
    getRequestListener(
      async (request, { incoming }) => {
        try {
          return await answer(request);
        } catch (error) {
          if (!(error instanceof ConnectionCut)) throw error;
          // Destroying the request alone leaves the socket open once its body has been read.
          incoming.socket.destroy();
          return RESPONSE_ALREADY_SENT;
        }
      },
      { overrideGlobalObjects: false },
    ),
  );
  // An idle connection is never closed from here: a request that crosses with the closing would look like a fault.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port.");
  return { server, url: `http://127.0.0.1:${address.port}` };
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
    server.closeAllConnections();
  });
}
