import { createHash } from "node:crypto";
import type { Registry } from "../registry.ts";

export interface Manifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly text: string;
}

/** The real registry behind the model: what images there are, only it knows. */
export interface Manifests {
  /** By tag or digest. */
  read(repository: string, reference: string): Promise<Manifest | null>;
  /** Answers what is missing, in the registry's own words, or null. */
  write(repository: string, reference: string, manifest: Omit<Manifest, "digest">): Promise<string | null>;
  tags(repository: string): Promise<readonly string[]>;
}

export const mediaTypes = [
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.oci.image.index.v1+json",
];

export function digestOf(text: string | Buffer): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

export function connectManifests({ address, user, password }: Registry): Manifests {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  const call = (path: string, init: RequestInit) =>
    fetch(`http://${address}/v2/${path}`, {
      ...init,
      headers: { authorization, ...(init.headers as Record<string, string>) },
    });
  const check = async (response: Response) => {
    if (!response.ok) throw new Error(`The registry answers ${response.status}: ${await response.text()}`);
    return response;
  };
  return {
    async read(repository, reference) {
      const path = `${repository}/manifests/${encodeURIComponent(reference)}`;
      const response = await call(path, { headers: { accept: mediaTypes.join(", ") } });
      if (response.status === 404) return null;
      const text = await (await check(response)).text();
      return { digest: digestOf(text), mediaType: response.headers.get("content-type") ?? "", text };
    },
    async write(repository, reference, { mediaType, text }) {
      const response = await call(`${repository}/manifests/${encodeURIComponent(reference)}`, {
        method: "PUT",
        headers: { "content-type": mediaType },
        body: text,
      });
      if (response.status === 400) return response.text();
      await check(response);
      return null;
    },
    async tags(repository) {
      const response = await call(`${repository}/tags/list`, {});
      if (response.status === 404) return [];
      const { tags } = (await (await check(response)).json()) as { readonly tags: readonly string[] | null };
      return tags ?? [];
    },
  };
}
