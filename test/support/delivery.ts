import { afterAll } from "vitest";
import { type Buildkit, buildkitObstacle, startBuildkit } from "./buildkit.ts";
import { type DockerEngine, engineObstacle, startDockerEngine } from "./docker-engine.ts";
import { type EcrModel, type EcrModelOptions, startEcrModel } from "./ecr-model/ecr-model.ts";
import { type Moto, motoObstacle, startMoto } from "./moto.ts";
import { type Registry, registryObstacle, startRegistry } from "./registry.ts";
import { available } from "./require.ts";
import { type SshHost, type SshHostOptions, sshHostObstacle, startSshHost } from "./ssh/ssh-host.ts";
import { startWire, type Wire, type WireOptions } from "./ssh/wire.ts";

/** The real parts that a delivery meets. Everything is stopped when all tests of the file have ended. */

const stops: (() => Promise<void>)[] = [];
afterAll(async () => {
  const results = await Promise.allSettled(stops.map((stop) => stop()));
  const reasons = results
    .filter((result) => result.status === "rejected")
    .map(({ reason }) => reason as Error);
  if (reasons.length > 0) throw new Error(reasons.map(({ message }) => message).join("\n"));
}, 60_000);

export const hasEngine = () => available("docker-engine", engineObstacle);
export const hasRegistry = () => available("docker-registry", registryObstacle);
export const hasSshHosts = () => available("ssh-hosts", sshHostObstacle);
export const hasBuildkit = () => available("buildkitd", buildkitObstacle);
export const hasMoto = () => available("moto", motoObstacle);

let engine: Promise<DockerEngine> | null = null;
let buildkit: Promise<Buildkit> | null = null;
let moto: Promise<Moto> | null = null;

/** One engine for all tests of the file. */
export function openEngine(): Promise<DockerEngine> {
  engine ??= keep(startDockerEngine());
  return engine;
}

export function openFullEngine(disk: number): Promise<DockerEngine> {
  return keep(startDockerEngine({ disk }));
}

/** One for all tests of the file. */
export function openBuildkit(): Promise<Buildkit> {
  buildkit ??= keep(startBuildkit());
  return buildkit;
}

/** One moto for all tests of the file. */
export function openMoto(): Promise<Moto> {
  moto ??= keep(startMoto());
  return moto;
}

/** A model with a registry of its own, so that every test finds it empty. */
export async function openEcr(
  options: Omit<EcrModelOptions, "registry"> = {},
): Promise<{ readonly model: EcrModel; readonly registry: Registry }> {
  const registry = await startRegistry();
  const model = await startEcrModel({ ...options, registry });
  stops.push(async () => {
    try {
      await model.stop();
    } finally {
      await registry.stop();
    }
  });
  return { model, registry };
}

export function openRegistry(): Promise<Registry> {
  return keep(startRegistry());
}

export function openSshHost(options: SshHostOptions = {}): Promise<SshHost> {
  return keep(startSshHost(options));
}

export function openWire(options: WireOptions): Promise<Wire> {
  return keep(startWire(options));
}

async function keep<Part extends { stop(): Promise<void> }>(starting: Promise<Part>): Promise<Part> {
  stops.push(async () => (await starting).stop());
  return starting;
}
