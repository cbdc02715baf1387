import type { Files } from "../../host/host.ts";
import { outputsFolder, outputVariable } from "../../protocol/outputs.ts";

/** The variables that check-status has exported in this job, by the files that it has left. */
export async function listExports(files: Files): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for (const file of await files.list(outputsFolder)) {
    const text = await files.read(`${outputsFolder}/${file}`);
    const receipt = file.replace(/\.json$/, "");
    for (const key of readKeys(text ?? "")) names.add(outputVariable(receipt, key));
  }
  return names;
}

function readKeys(text: string): readonly string[] {
  try {
    const document: unknown = JSON.parse(text);
    return typeof document === "object" && document !== null ? Object.keys(document) : [];
  } catch {
    return [];
  }
}
