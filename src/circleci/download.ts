import { UserError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { Secret } from "../secret.ts";
import { explainSilence } from "./call.ts";
import { sendRequest } from "./http.ts";

const longestChain = 3;

/**
 * The text behind the address of an artifact or of a step's output. The token is shown to the API's own host,
 * and to CircleCI's hosts for artifacts, which ask for it (documented: "Downloading all artifacts"); wherever
 * those redirect to is asked without it.
 */
export async function download(host: Host, origin: string, token: Secret, address: string): Promise<string> {
  const name = `GET ${address.split("?")[0]}`;
  let url = parseUrl(name, address);
  for (let hop = 0; hop <= longestChain; hop++) {
    const answer = await sendRequest(host, {
      method: "GET",
      url: url.href,
      token: isTrusted(url, origin) ? token : null,
      asText: true,
    }).catch((error: unknown) => {
      throw explainSilence(error, name, origin);
    });
    if (answer.status === 200) return String(answer.body);
    if (answer.status < 300 || answer.status >= 400 || answer.location === null) {
      throw new UserError("circleci.failed", `${name} was answered ${answer.status}.`);
    }
    url = parseUrl(name, answer.location, url);
  }
  throw new UserError("circleci.failed", `${name} was redirected too often.`);
}

function parseUrl(name: string, text: string, base?: URL): URL {
  try {
    return new URL(text, base);
  } catch (cause) {
    const place = text.split("?")[0];
    throw new UserError("circleci.failed", `${name} leads to what is no URL: "${place}".`, { cause });
  }
}

function isTrusted(url: URL, origin: string): boolean {
  if (url.origin === origin) return true;
  return (
    origin === "https://circleci.com" &&
    url.protocol === "https:" &&
    url.hostname.endsWith(".circle-artifacts.com")
  );
}
