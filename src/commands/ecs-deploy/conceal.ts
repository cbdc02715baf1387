import type { Container } from "../../aws/ecs-shapes.ts";

/**
 * Blanks the values of the containers' variables in what others have written: log lines, reasons, errors of AWS. In
 * those alone, since some value or other is a word that everybody uses.
 */
export function createConcealer(containers: readonly Container[]): (text: string) => string {
  const values = containers
    .flatMap(({ environment = [] }) => environment.flatMap(({ value }) => [value, ...value.split("\n")]))
    .filter((value) => value.trim().length >= 4 && !/^(true|false|null|none)$/i.test(value))
    .sort((one, other) => other.length - one.length);
  return (text) => values.reduce((blanked, value) => blanked.replaceAll(value, "[secret]"), text);
}
