import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { createEcsModel, type EcsModel, type EcsModelOptions } from "./ecs-model.ts";

export interface EcsServer {
  /** For `AWS_ENDPOINT_URL`. */
  readonly url: string;
  readonly model: EcsModel;
  /** Throws where a caller broke the rules of the API, or a planned fault did not come to pass. */
  stop(): Promise<void>;
}

/** The model on a port of this machine, in real time. */
export async function startEcsServer(options: Omit<EcsModelOptions, "now">): Promise<EcsServer> {
  const model = createEcsModel({ ...options, now: Date.now });
  const server = createServer(async (request, response) => {
    const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)] as const);
    const answer = model.answer({
      method: request.method ?? "",
      target: request.url ?? "",
      headers: Object.fromEntries(headers),
      body: await text(request),
    });
    if (answer === null) return response.destroy();
    response.writeHead(answer.status, { "content-type": "application/x-amz-json-1.1" });
    return response.end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    model,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      const complaints = model.complaints();
      if (complaints.length > 0) throw new Error(`The model of ECS complains:\n${complaints.join("\n")}`);
    },
  };
}
