import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { createSlackModel, type SlackModel, type SlackOptions, webhookPath } from "./slack-model.ts";

export interface SlackServer extends SlackModel {
  readonly url: string;
  readonly webhook: string;
  /** Throws where a caller broke the rules of the API, or a planned fault did not come to pass. */
  stop(): Promise<void>;
}

/** The model behind a port, on the real clock. */
export async function startSlack(options: Partial<SlackOptions> = {}): Promise<SlackServer> {
  const model = createSlackModel({ now: Date.now, ...options });
  const violations: string[] = [];
  const server = createServer((request, response) => {
    const answer = async () => {
      const { method = "", url: path = "" } = request;
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      );
      const result = model.answer({ method, path, headers, body: await text(request) });
      if (result === "cut") return response.destroy();
      return response.writeHead(result.status, result.headers).end(result.body);
    };
    answer().catch((error: Error) => {
      violations.push(error.message);
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...model,
    url,
    webhook: `${url}${webhookPath}`,
    async stop() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      const complaints = [...violations, ...model.unused()];
      if (complaints.length > 0) throw new Error(`The model of Slack complains:\n${complaints.join("\n")}`);
    },
  };
}
