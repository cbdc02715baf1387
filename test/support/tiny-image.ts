import { digestOf, mediaTypes } from "./ecr-model/manifests.ts";
import type { Registry } from "./registry.ts";

/** Uploads what an image consists of, but no manifest, and answers the manifest's text. Other words, another image. */
export async function uploadTinyImage(
  registry: Registry,
  repository: string,
  words: string,
): Promise<string> {
  const config = JSON.stringify({
    architecture: "amd64",
    os: "linux",
    rootfs: { type: "layers", diff_ids: [] },
    words,
  });
  for (const blob of [config, words]) await uploadBlob(registry, repository, blob);
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes[0],
    config: { mediaType: "application/vnd.docker.container.image.v1+json", ...describe(config) },
    layers: [{ mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip", ...describe(words) }],
  });
}

export function describe(blob: string | Buffer): { readonly size: number; readonly digest: string } {
  return { size: Buffer.byteLength(blob), digest: digestOf(blob) };
}

export async function uploadBlob(
  { address, user, password }: Registry,
  repository: string,
  blob: string | Buffer,
): Promise<void> {
  const headers = { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };
  const start = await fetch(`http://${address}/v2/${repository}/blobs/uploads/`, { method: "POST", headers });
  const target = new URL(start.headers.get("location") ?? "", start.url);
  target.searchParams.set("digest", digestOf(blob));
  const end = await fetch(target, {
    method: "PUT",
    headers: { ...headers, "content-type": "application/octet-stream" },
    body: blob,
  });
  if (end.status !== 201) throw new Error(`The registry answers ${end.status}: ${await end.text()}`);
}
