import { quote } from "../ssh/quote.ts";
import { environmentFile, type Variable } from "./environment-lines.ts";
import type { FilledText } from "./filled-text.ts";
import program from "./transaction.sh?raw";

/** What one host is to do, decided before the first connection. */
export interface Transaction {
  /** Names this run on the host, in its log and in what it prints. */
  readonly id: string;
  readonly mode: "deploy" | "rollback";
  readonly project: string;
  /** Of a deploy: the file's text with its SHA-256 in hex, or the path of one that is on the host. */
  readonly compose: { readonly text: string; readonly sum: string } | { readonly path: string } | null;
  readonly variables: readonly Variable[];
  /** Empty: Compose's file names all images. */
  readonly image: string;
  readonly version: string;
  readonly services: readonly string[];
  readonly runOnce: FilledText;
  readonly registry: RegistryLogin | null;
  readonly probeUrl: FilledText;
  /** Of a rollback: a release, version or digest; empty for the one before. */
  readonly want: string;
  readonly expectCurrent: string;
  readonly keep: number;
  /** In milliseconds. */
  readonly limits: Limits;
  readonly job: JobFacts;
}

interface Limits {
  readonly total: number;
  readonly lockWait: number;
  readonly probe: number;
}

export interface RegistryLogin {
  readonly registry: string;
  readonly user: string;
  readonly password: string;
}

export interface JobFacts {
  readonly workflow: string;
  /** Who deploys, with the job's URL. */
  readonly who: string;
  /** What the host's record says of it. */
  readonly record: Readonly<Record<string, string | null>>;
}

/** How long restoring may take after that, in milliseconds. */
const restoreLimit = 300_000;

/** How long a transaction that has its lock may take at the most, with restoring, logs and tidying, in milliseconds. */
export function longest({ total }: Limits): number {
  return total + restoreLimit + 180_000;
}

/** The whole program for one host. `resume` follows from a line of the log on; `abandon` also calls it off. */
export function buildScript(
  transaction: Transaction,
  entry: "start" | "resume" | "abandon",
  skip = 0,
): string {
  const lines = Object.entries({ ...describe(transaction, entry === "start"), skip: String(skip) });
  return [...lines.map(([name, value]) => `${name}=${quote(value)}`), program, entry, ""].join("\n");
}

/** The same, with `[secret]` for every value that came out of a variable. */
export function showScript(transaction: Transaction): string {
  const hide = (variable: Variable) => (variable.isSecret ? { ...variable, value: "[secret]" } : variable);
  const conceal = (filled: FilledText) => ({ ...filled, text: filled.shown });
  return buildScript(
    {
      ...transaction,
      runOnce: conceal(transaction.runOnce),
      probeUrl: conceal(transaction.probeUrl),
      variables: transaction.variables.map(hide),
      registry: transaction.registry && { ...transaction.registry, password: "[secret]" },
    },
    "start",
  );
}

function describe(from: Transaction, withSecrets: boolean): Readonly<Record<string, string>> {
  const seconds = (duration: number) => String(Math.ceil(duration / 1000));
  const { compose } = from;
  const upload = compose !== null && "text" in compose ? compose : { text: "", sum: "" };
  const image = from.image === "" ? [] : [{ name: "IMAGE", value: from.image, isSecret: false }];
  return {
    tx: from.id,
    mode: from.mode,
    project: from.project,
    workflow: from.job.workflow,
    who: from.job.who,
    facts: JSON.stringify(from.job.record).slice(1, -1),
    want: from.want,
    expect: from.expectCurrent,
    limit: seconds(from.limits.total),
    restore_limit: seconds(restoreLimit),
    lock_limit: seconds(longest(from.limits)),
    lock_wait: seconds(from.limits.lockWait),
    probe_limit: seconds(from.limits.probe),
    probe_url: from.probeUrl.text,
    keep: String(from.keep),
    services: from.services.join(" "),
    run_once: from.runOnce.text,
    remote_path: compose !== null && "path" in compose ? compose.path : "",
    compose_file: withSecrets ? upload.text : "",
    compose_sum: upload.sum,
    env_file: withSecrets ? environmentFile([...image, ...from.variables]) : "",
    image: from.image,
    version: from.version,
    registry: from.registry?.registry ?? "",
    registry_user: from.registry?.user ?? "",
    registry_password: withSecrets ? (from.registry?.password ?? "") : "",
  };
}
