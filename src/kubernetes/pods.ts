import type { Api } from "./api.ts";
import { at, type Json, listAt, parseJson, textAt } from "./json.ts";
import type { Target } from "./resources.ts";

/** The pods of a workload, the youngest first. */
export async function findPods(api: Api, { namespace }: Target, workload: Json): Promise<readonly Json[]> {
  const selector = encodeURIComponent(showSelector(at(workload, "spec", "selector")));
  const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=${selector}&limit=200`;
  const { text } = await api.send({ method: "GET", path });
  const born = (pod: Json) => textAt(pod, "metadata", "creationTimestamp");
  return [...listAt(parseJson(text), "items")].sort((one, other) => born(other).localeCompare(born(one)));
}

export function isReady(pod: Json): boolean {
  return listAt(pod, "status", "conditions").some(
    (each) => textAt(each, "type") === "Ready" && textAt(each, "status") === "True",
  );
}

/** A LabelSelector (meta/v1) as a query has it. */
function showSelector(selector: Json | undefined): string {
  const labels = Object.entries(at(selector, "matchLabels") ?? {}).map(([key, value]) => `${key}=${value}`);
  const expressions = listAt(selector, "matchExpressions").map((each) => {
    const key = textAt(each, "key");
    const values = listAt(each, "values").join(",");
    switch (textAt(each, "operator")) {
      case "In":
        return `${key} in (${values})`;
      case "NotIn":
        return `${key} notin (${values})`;
      case "Exists":
        return key;
      default:
        return `!${key}`;
    }
  });
  return [...labels, ...expressions].join(",");
}
