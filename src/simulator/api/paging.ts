import { ApiError } from "./api-error.ts";

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next_page_token: string | null;
}

const PAGE_SIZE = 20;

/**
 * One page of a list. The token names the last item of the page before, so that a list that grows at its
 * head while somebody reads it neither repeats nor skips an item.
 */
export function takePage<Item>(
  items: readonly Item[],
  key: (item: Item) => string,
  token: string | undefined,
): Page<Item> {
  const start = token === undefined ? 0 : findStart(items.map(key), token);
  const page = items.slice(start, start + PAGE_SIZE);
  const last = page.at(-1);
  const isLastPage = last === undefined || start + PAGE_SIZE >= items.length;
  return { items: page, next_page_token: isLastPage ? null : writeToken(key(last)) };
}

function findStart(keys: readonly string[], token: string): number {
  const place = keys.findIndex((key) => writeToken(key) === token);
  if (place < 0) throw new ApiError(400, "Invalid page-token");
  return place + 1;
}

function writeToken(key: string): string {
  return Buffer.from(key, "utf8").toString("base64url");
}
