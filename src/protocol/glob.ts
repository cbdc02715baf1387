/** Whether a name fits one of the patterns, in which `*` stands for any number of characters. */
export function matchesAny(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => matches(name, pattern.split("*")));
}

/** Each part is taken where it first fits, so that no pattern takes long. */
function matches(name: string, [head = "", ...parts]: readonly string[]): boolean {
  const tail = parts.pop();
  if (tail === undefined) return name === head;
  if (!name.startsWith(head) || !name.endsWith(tail)) return false;
  let place = head.length;
  for (const part of parts) {
    const found = name.indexOf(part, place);
    if (found < 0) return false;
    place = found + part.length;
  }
  return place <= name.length - tail.length;
}

/** Patterns separated by commas; an empty text has none. */
export function parseGlobs(text: string): readonly string[] {
  return text
    .split(",")
    .map((pattern) => pattern.trim())
    .filter(Boolean);
}
