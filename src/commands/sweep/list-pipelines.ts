import type { CircleCi } from "../../circleci/client.ts";
import type { Pipeline } from "../../circleci/schemas.ts";

/** A project's pipelines, the newest first, page by page as they are asked for. */
export async function* listPipelines(
  api: CircleCi,
  project: string,
  { since, from }: { readonly since: number; readonly from: number | null },
): AsyncGenerator<Pipeline> {
  for (let page = ""; ; ) {
    const { pipelines, next } = await api.pipelinesOf(project, page);
    for (const pipeline of pipelines) {
      if (Date.parse(pipeline.created_at) < since) return;
      if (from === null || pipeline.number <= from) yield pipeline;
    }
    if (next === null) return;
    page = next;
  }
}
