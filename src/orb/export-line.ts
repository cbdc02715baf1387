/**
 * The line by which a later step of the job gets a variable, for BASH_ENV: between single quotes nothing is special
 * to a shell but the quote itself. Null for what no variable can hold.
 */
export function exportLine(variable: string, text: string): string | null {
  return text.includes("\0") ? null : `export ${variable}='${text.replaceAll("'", "'\\''")}'\n`;
}
