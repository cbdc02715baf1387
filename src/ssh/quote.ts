/** A text as one word of a POSIX shell: between single quotes nothing is special but the quote itself. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
