import { describeConflict, type Ecr, type EcrImage } from "../../aws/ecr.ts";
import type { Authorization } from "../../aws/ecr-authorize.ts";
import type { Changes } from "../../delivery/changes.ts";
import { readCommitTime } from "../../delivery/commit-time.ts";
import { diagnose, diagnoseBuild, diagnoseDirectPush, type Problem } from "../../docker/diagnose.ts";
import { type Docker, type DockerCall, explainFailure, withDocker } from "../../docker/docker.ts";
import { inspectEngine } from "../../docker/engine.ts";
import { type Login, logIn, type Sending, sendWithLogin } from "../../docker/login.ts";
import type { ExecResult, Host } from "../../host/host.ts";
import {
  buildCall,
  chooseBuilder,
  type Destination,
  idFile,
  isDirect,
  isSameImage,
  metadataFile,
  pushCall,
  readExportedDigest,
  readMetadataDigest,
  readPushedDigest,
} from "./docker.ts";
import { withoutOwnFiles } from "./own-files.ts";
import type { PushPlan } from "./plan.ts";

/** What names the image that was built; null where Docker does not tell. */
export interface Built {
  /** Of its manifest, once it was pushed. */
  readonly digest: string | null;
  /** Of its configuration. */
  readonly id: string | null;
}

export interface Order {
  readonly plan: PushPlan;
  readonly ecr: Ecr;
  readonly authorization: Authorization;
  /** `registry/repository`. */
  readonly name: string;
}

interface Site {
  readonly host: Host;
  readonly ecr: Ecr;
  readonly docker: Docker;
  readonly login: Login;
  readonly to: Destination;
  readonly repository: string;
  readonly changes: Changes;
}

/**
 * Builds the image and pushes it under its version. `open` is called once it is known that Docker can do that, and
 * answers which image the version is at before; null where it is at none.
 */
export async function buildAndPush(
  host: Host,
  { plan, ecr, authorization, name }: Order,
  changes: Changes,
  open: () => Promise<EcrImage | null>,
): Promise<Built> {
  const [registry = ""] = name.split("/");
  const to = { image: name, tag: plan.tags[0].tag };
  const grantOf = ({ password, expiresAt }: Authorization) => ({ user: "AWS", password, expiresAt });
  const renew = async () => grantOf(await ecr.authorize());
  return withDocker(host, registry, async (docker) => {
    // All are waited for, as a login must not be left half done; an engine that is not there explains all else.
    const [entered, looked, read] = await Promise.allSettled([
      logIn(host, docker, registry, grantOf(authorization), renew),
      inspectEngine(docker),
      readCommitTime(host),
    ]);
    const [engine, login, commitTime] = [resultOf(looked), resultOf(entered), resultOf(read)];
    const builder = chooseBuilder(plan.build, engine);
    const there = await open();
    if (there !== null) host.log.info(`\`${to.tag}\` is ${there.digest} now.`);
    const site = { host, ecr, docker, login, to, repository: plan.repository.name, changes };
    const call = buildCall({ ...plan.build, commitTime }, builder, to, docker.folder);
    if (isDirect(plan.build)) {
      return withoutOwnFiles(host, () => pushDirectly(site, call));
    }
    const id = await withoutOwnFiles(host, () => build(site, call));
    if (there === null || !isSameImage(id, there)) return push(site, id);
    host.log.info(`\`${to.tag}\` is this image already (${there.digest}): nothing is pushed.`);
    return { digest: there.digest, id };
  });
}

function resultOf<T>(result: PromiseSettledResult<T>): T {
  if (result.status === "rejected") throw result.reason;
  return result.value;
}

async function build({ host, docker }: Site, call: DockerCall): Promise<string | null> {
  const start = host.clock.now();
  const result = await docker.run(call);
  if (result.exitCode !== 0) {
    throw explainFailure("docker build", result, diagnoseBuild(result.output), "docker.build-failed");
  }
  const id = (await host.files.read(idFile(docker.folder)))?.trim() ?? null;
  host.log.info(`Built ${id ?? "the image"} in ${((host.clock.now() - start) / 1000).toFixed(1)} s.`);
  return id;
}

async function push(site: Site, id: string | null): Promise<Built> {
  const { docker, to } = site;
  const run = () => docker.run(pushCall(to));
  const result = await send(site, { name: "docker push", run, problemOf: diagnose });
  if (result.exitCode === 0) return { digest: readPushedDigest(result.output), id };
  const problem = diagnose(result.output);
  if (problem !== "immutable") throw explainFailure("docker push", result, problem, "registry.failed");
  return resolveConflict(site, { digest: null, id });
}

async function pushDirectly(site: Site, call: DockerCall): Promise<Built> {
  const { host, docker } = site;
  const run = () => docker.run(call);
  const result = await send(site, { name: "docker buildx build", run, problemOf: diagnoseDirectPush });
  if (result.exitCode === 0) {
    const metadata = await host.files.read(metadataFile(docker.folder));
    return { digest: readMetadataDigest(metadata), id: null };
  }
  const problem = diagnoseDirectPush(result.output);
  if (problem !== "immutable") throw explainDirect(result, problem);
  return resolveConflict(site, { digest: readExportedDigest(result.output), id: null });
}

/** Where it is cut off, or fails for no reason that a registry has given, the version may be there all the same. */
async function send({ host, login, changes, to }: Site, sending: Sending): Promise<ExecResult> {
  changes.set(to.tag, "may be pushed");
  let isOpen = false; // after any of its tries: what the last is refused, one before it may have done
  const run = async () => {
    const result = await sending.run();
    isOpen ||= result.exitCode === 0 || !isNotPushed(sending.problemOf(result.output), result.output);
    return result;
  };
  const result = await sendWithLogin(host, login, { ...sending, run });
  if (!isOpen) changes.delete(to.tag);
  return result;
}

/** Docker and BuildKit say when they begin to push. */
const begun = /The push refers to repository|pushing (layers|manifest)/;

function isNotPushed(problem: Problem, output: string): boolean {
  if (["login", "denied", "repository", "immutable"].includes(problem)) return true;
  return problem !== "other" && !begun.test(output);
}

function explainDirect(result: ExecResult, problem: Problem) {
  const code = problem === "other" ? "registry.failed" : "docker.build-failed";
  return explainFailure("docker buildx build", result, problem, code);
}

/** An answer that was lost, or a run beside this one, may have put this very image there. Throws `image.conflict`. */
async function resolveConflict(
  { ecr, to, repository, changes }: Site,
  { digest, id }: Built,
): Promise<Built> {
  const now = (await ecr.findImages([to.tag]))?.get(to.tag);
  if (now !== undefined && (digest === now.digest || isSameImage(id, now))) return { digest: now.digest, id };
  if (now !== undefined) changes.delete(to.tag);
  const name = digest ?? id;
  const wanted = name === null ? "the image that was built" : `the image that was built (${name})`;
  throw describeConflict(repository, to.tag, now?.digest ?? "another image", wanted);
}
