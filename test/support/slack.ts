import { afterAll } from "vitest";
import { type SlackServer, startSlack } from "./slack-model/slack-server.ts";

const servers: SlackServer[] = [];
afterAll(async () => {
  const results = await Promise.allSettled(servers.map((server) => server.stop()));
  const reasons = results
    .filter((result) => result.status === "rejected")
    .map(({ reason }) => String(reason));
  if (reasons.length > 0) throw new Error(reasons.join("\n"));
});

/** Stopped when all tests of the file have ended, which then fail where a rule of Slack's API was broken. */
export async function openSlack(...options: Parameters<typeof startSlack>): Promise<SlackServer> {
  const server = await startSlack(...options);
  servers.push(server);
  return server;
}
