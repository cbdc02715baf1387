/** What others have typed must not become markup: branch names, commit messages, names of jobs. */

/** One line, without control characters. */
export function flatten(text: string): string {
  return text.replace(/[\s\p{Cc}\u2028\u2029]+/gu, " ").trim();
}

/**
 * The text as mrkdwn that shows just that. The three characters that begin markup have escapes (docs.slack.dev,
 * "Formatting message text"); for the marks of bold, italic, strike and code there is none, but they only work
 * next to a word, so one that could begin or end a format is set apart by a space without width.
 */
export function escapeMrkdwn(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replace(/(?<![\p{L}\p{N}])[*_~`]|[*_~`](?![\p{L}\p{N}])/gu, "\u200b$&\u200b");
}

/**
 * The text as a `markdown` block shows it, which is CommonMark: there a backslash takes a mark its meaning. An at sign
 * has none, and is set apart from the name behind it.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[\\`*_~[\]()#!|]/g, "\\$&")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("@", "@\u200b");
}

/** At most so many UTF-16 units, the last of them an ellipsis where anything is left out. */
export function cut(text: string, most: number): string {
  return text.length <= most ? text : `${begin(text, most)}\u2026`;
}

/** Likewise of mrkdwn: an escape or a link is left out whole. */
export function cutMrkdwn(text: string, most: number): string {
  if (text.length <= most) return text;
  const kept = begin(text, most)
    .replace(/&[a-z]{0,3}$/, "")
    .replace(/<[^>]*$/, "");
  return `${kept}\u2026`;
}

/** Not half a character. */
function begin(text: string, most: number): string {
  return text.slice(0, most - 1).replace(/[\ud800-\udbff]$/, "");
}
