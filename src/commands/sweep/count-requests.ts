import type { Host } from "../../host/host.ts";

/** The same host, which counts the requests that go out: repeated ones and downloads, too. */
export function countRequests(host: Host): { readonly host: Host; readonly count: () => number } {
  let requests = 0;
  return {
    host: {
      ...host,
      fetch: (url, init) => {
        requests++;
        return host.fetch(url, init);
      },
    },
    count: () => requests,
  };
}
