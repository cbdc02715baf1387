/**
 * Blanks values in what others have written: log lines, reasons, events, errors. In those alone, since some value or
 * other is a word that everybody uses; what is shorter than four characters would blank half of it, and is left.
 */
export function createConcealer(values: readonly string[]): (text: string) => string {
  const hidden = values
    .flatMap((value) => [value, ...value.split("\n")])
    .filter((value) => value.trim().length >= 4 && !/^(true|false|null|none)$/i.test(value))
    .sort((one, other) => other.length - one.length);
  return (text) => hidden.reduce((blanked, value) => blanked.replaceAll(value, "[secret]"), text);
}
