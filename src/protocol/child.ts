/** A triggered pipeline, as messages name it. */
export interface Child {
  readonly project: string;
  readonly id: string;
  readonly number: number;
  readonly url: string;
}

export function nameChild({ project, number }: Child): string {
  return `${project} #${number}`;
}
