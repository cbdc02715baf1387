import { existsSync, readFileSync } from "node:fs";
import { openRegistry, openSshHost } from "../delivery.ts";
import type { Registry } from "../registry.ts";
import { openProject, type Project, type ProjectOptions } from "./project.ts";
import { type ReleaseImage, type ReleaseOptions, uploadReleaseImage } from "./release-image.ts";
import { composePlugin, type SshHost, type SshHostOptions } from "./ssh-host.ts";

/** Hosts with a registry, and images in it: `old` and `new`, and whatever else a test wants. */
export interface Site {
  readonly hosts: readonly SshHost[];
  readonly registry: Registry;
  /** By name. */
  readonly images: ReadonlyMap<string, ReleaseImage>;
  upload(name: string, options?: ReleaseOptions): Promise<ReleaseImage>;
  /** A project of which nothing runs yet. */
  project(name: string, options?: ProjectOptions): Project;
  /** A project whose release `old` runs on all its hosts. */
  projectWithOld(name: string, options?: ProjectOptions): Promise<Project>;
}

/** One host for each of the options; the key of the first opens all of them. */
export async function openSite(...options: readonly SshHostOptions[]): Promise<Site> {
  const usual: SshHostOptions = {
    compose: existsSync(composePlugin) ? "plugin" : "docker-compose", // it is many times as fast
    trace: true,
  };
  const [own = {}, ...others] = options;
  const [first, registry] = await Promise.all([openSshHost({ ...usual, ...own }), openRegistry()]);
  const rest = await Promise.all(others.map((each) => openSshHost({ ...usual, ...each, key: first.key })));
  const hosts = [first, ...rest];
  const images = new Map<string, ReleaseImage>();
  const upload: Site["upload"] = async (name, more = {}) => {
    const image = await uploadReleaseImage({ registry, repository: "shop", version: name, ...more });
    images.set(name, image);
    return image;
  };
  await Promise.all(["old", "new"].map((name) => upload(name)));
  const key = readFileSync(first.key.file, "utf8");
  const project: Site["project"] = (name, more = {}) =>
    openProject({ hosts, registry, images, name, key, ...more });
  return {
    hosts,
    registry,
    images,
    upload,
    project,
    async projectWithOld(name, more) {
      const opened = project(name, more);
      const { exitCode, stdout, stderr } = await opened.deploy("old", { batch: "100%" });
      if (exitCode !== 0) throw new Error(`The old release cannot be deployed:\n${stdout}${stderr}`);
      return opened;
    },
  };
}
