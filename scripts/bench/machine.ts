import { readFile } from "node:fs/promises";
import { cpus, loadavg, totalmem } from "node:os";

/** Half a sentence: what is measured on, and how busy it is. */
export async function describeMachine(): Promise<string> {
  const model = cpus()[0]?.model.trim() || "an unknown processor";
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  const system = /^PRETTY_NAME="?([^"\n]*)/m.exec(release)?.[1] ?? process.platform;
  const memory = Math.round(totalmem() / 2 ** 30);
  const load = (loadavg()[0] ?? 0).toFixed(1);
  return `${cpus().length} cores of ${model}, ${memory} GiB, ${system}, Node.js ${process.versions.node}, with a load of ${load} when it began`;
}
