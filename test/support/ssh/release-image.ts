import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { connectManifests, digestOf, mediaTypes } from "../ecr-model/manifests.ts";
import type { Registry } from "../registry.ts";
import { describe, uploadBlob } from "../tiny-image.ts";
import { findProgram } from "../toolbox.ts";

/** What an image's container does, as a command for busybox's shell. */
const behaviours = {
  /** Answers `/version`, until it is told to end. */
  serves: "trap 'exit 0' TERM; /bin/busybox httpd -f -p \"${PORT:-8080}\" -h /www & wait",
  /** As that, and one has to wait for its end. */
  "ends slowly": "trap '' TERM; /bin/busybox httpd -f -p \"${PORT:-8080}\" -h /www",
  crashes: "echo 'no database at db:5432' >&2; exit 3",
  "does its work and ends": "echo migrated; exit 0",
} as const;

export interface ReleaseImage {
  readonly digest: string;
  /** Of its configuration: what an engine calls the image's id. */
  readonly id: string;
}

interface ImageOptions extends ReleaseOptions {
  readonly registry: Registry;
  readonly repository: string;
  /** What `/version` answers. */
  readonly version: string;
}

export interface ReleaseOptions {
  readonly does?: keyof typeof behaviours;
  readonly tag?: string;
  /** Bytes that an engine has to fetch for this image alone. */
  readonly size?: number;
}

const uploads = new WeakMap<Registry, Promise<unknown>>();

/** Puts a runnable image with the machine's busybox in it into a registry, with no engine's help. */
export function uploadReleaseImage(options: ImageOptions): Promise<ReleaseImage> {
  // One after the other: the registry may lose a layer that comes twice at the same moment.
  const before = uploads.get(options.registry) ?? Promise.resolve();
  const uploading = before.then(() => upload(options));
  uploads.set(options.registry, uploading);
  return uploading;
}

async function upload(options: ImageOptions): Promise<ReleaseImage> {
  const { registry, repository, version, does = "serves", tag, size = 1024 } = options;
  const own = packLayer((folder) => {
    mkdirSync(join(folder, "www"));
    writeFileSync(join(folder, "www/version"), version);
    writeFileSync(join(folder, "www/ballast"), randomBytes(size));
  });
  const layers = [packBase(), own];
  const config = JSON.stringify({
    architecture: "amd64",
    os: "linux",
    config: { Cmd: ["/bin/sh", "-c", behaviours[does]], Env: ["PATH=/bin"] },
    rootfs: { type: "layers", diff_ids: layers.map(({ unpacked }) => unpacked) },
  });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes[0],
    config: { mediaType: "application/vnd.docker.container.image.v1+json", ...describe(config) },
    layers: layers.map(({ blob }) => ({
      mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip",
      ...describe(blob),
    })),
  });
  const blobs = [config, ...layers.map(({ blob }) => blob)];
  await Promise.all(blobs.map((blob) => uploadBlob(registry, repository, blob)));
  const digest = digestOf(manifest);
  const written = { mediaType: mediaTypes[0] ?? "", text: manifest };
  const refusal = await connectManifests(registry).write(repository, tag ?? digest, written);
  if (refusal !== null) throw new Error(`The registry refuses the image: ${refusal}`);
  return { digest, id: digestOf(config) };
}

interface Layer {
  readonly blob: Buffer;
  /** The digest of what is in the archive. */
  readonly unpacked: string;
}

let base: Layer | null = null;

function packBase(): Layer {
  base ??= packLayer((folder) => {
    mkdirSync(join(folder, "bin"));
    mkdirSync(join(folder, "tmp"));
    cpSync(findProgram("busybox") ?? "", join(folder, "bin/busybox"), { dereference: true });
    symlinkSync("busybox", join(folder, "bin/sh"));
  });
  return base;
}

function packLayer(fill: (folder: string) => void): Layer {
  const folder = mkdtempSync(join(tmpdir(), "circleback-layer-"));
  try {
    fill(folder);
    const archive = execFileSync("tar", ["-C", folder, "--mtime=@0", "--sort=name", "-c", "."], {
      maxBuffer: 256 * 2 ** 20,
    });
    return { blob: gzipSync(archive, { level: 1 }), unpacked: digestOf(archive) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
