/** Look-around is refused by CircleCI's compiler, although its documentation promises Java's expressions. */
const lookAround = /\(\?<?[=!]/;

/** A pattern that must match the whole text; null when CircleCI would not accept it. */
export function compilePattern(source: string): RegExp | null {
  if (lookAround.test(source)) return null;
  const ignoreCase = source.startsWith("(?i)");
  try {
    return new RegExp(`^(?:${ignoreCase ? source.slice(4) : source})$`, ignoreCase ? "i" : "");
  } catch {
    return null;
  }
}

export function invalidPattern(source: string): string {
  return `Invalid regular expression: ${source}: Invalid pattern.`;
}
