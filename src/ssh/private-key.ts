/**
 * A private key as ssh reads it, from what people paste into a variable: with `\n` for line ends, with blanks for
 * them, with Windows' line ends, without the last one.
 */
export function repairKey(text: string): string {
  const lines = text.replaceAll("\\n", "\n").replaceAll("\r", "");
  const match = /(-----BEGIN [A-Z0-9 ]+-----)(.*?)(-----END [A-Z0-9 ]+-----)/s.exec(lines);
  if (match === null) return `${lines.trim()}\n`;
  const [, begin, body = "", end] = match;
  // The headers of an old encrypted key have blanks of their own; such a key has its line ends or is lost.
  const data = body.includes(": ") ? body.trim() : body.trim().replaceAll(/\s+/g, "\n");
  return `${begin}\n${data}\n${end}\n`;
}
