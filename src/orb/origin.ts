import { Unfit } from "./parameter.ts";

const loopback = ["localhost", "127.0.0.1", "[::1]"];

/** Where a service is, as `https://host`; a bare host name is taken as https. Throws `Unfit` for what no secret may be sent to. */
export function parseOrigin(given: string, example: string): string {
  const url = parseSafeUrl(given.includes("://") ? given : `https://${given}`);
  if (url !== null && url.pathname === "/" && url.username === "" && url.search === "") return url.origin;
  throw new Unfit(`is no address that a token may be sent to: "${given}"`, {
    hints: [`Give a host name or an https address without a path, like ${example}.`],
  });
}

/** Null for what is no address, or one by which others could read along. */
export function parseSafeUrl(text: string): URL | null {
  try {
    const url = new URL(text);
    return url.protocol === "https:" || (url.protocol === "http:" && loopback.includes(url.hostname))
      ? url
      : null;
  } catch {
    return null;
  }
}
