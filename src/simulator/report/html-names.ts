/** Ids of elements: an id of the report is data and may hold anything. */

export function panelOfJob({ id }: { readonly id: string }): string {
  return `job-${encodeURIComponent(id)}`;
}

export function panelOfPipeline({ id }: { readonly id: string }): string {
  return `pipeline-${encodeURIComponent(id)}`;
}
