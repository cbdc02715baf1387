import type { CompiledStep, StepCondition } from "./compiled-config.ts";
import { parseDuration } from "./duration.ts";
import { decodeEnvironment, environmentMap } from "./environment.ts";
import type { Place, Problems } from "./problems.ts";
import { checkKeys, Entries, mismatch } from "./shape.ts";
import { isMap, type Value, type ValueMap } from "./value.ts";

const tenMinutes = 600_000;

const permittedKeys: Readonly<Record<string, readonly string[]>> = {
  run: [
    "command",
    "description",
    "name",
    "shell",
    "environment",
    "background",
    "working_directory",
    "no_output_timeout",
    "when",
    "max_auto_reruns",
    "auto_rerun_delay",
  ],
  checkout: ["path", "method", "name"],
  persist_to_workspace: ["root", "paths", "name"],
  attach_workspace: ["at", "name"],
  store_artifacts: ["path", "destination", "prefix", "name"],
  store_test_results: ["path", "name"],
  save_cache: ["key", "paths", "name", "when"],
  restore_cache: ["key", "keys", "name", "when"],
  setup_remote_docker: ["version", "docker_layer_caching", "prefer_same_region", "name"],
  add_ssh_keys: ["fingerprints", "name"],
};

/** `deploy` is the old name of `run`. */
const builtInNames: ReadonlyMap<string, string> = new Map([
  ...Object.keys(permittedKeys).map((name) => [name, name] as const),
  ["deploy", "run"],
]);

const withoutArguments = ["checkout", "setup_remote_docker", "add_ssh_keys"];

export function isBuiltInStep(name: string): boolean {
  return builtInNames.has(name);
}

/** A built-in step in the form that the compiled document shows: `run: text` is written out, a bare name stays bare. */
export function normalizeBuiltIn(name: string, body: Value): Value {
  const step = builtInNames.get(name) ?? name;
  if (body === null && withoutArguments.includes(step)) return step;
  if (step === "run" && typeof body === "string") return { run: { command: body } };
  return { [step]: body };
}

/** Reads a normalized built-in step. */
export function decodeBuiltIn(name: string, body: Value, place: Place, problems: Problems): CompiledStep {
  const step = builtInNames.get(name) ?? name;
  const map = bodyOf(step, body, place, problems);
  if (!checkKeys(map, permittedKeys[step] ?? [], [], place, problems)) return problems.abandon();
  const entries = new Entries(map, place, problems);
  switch (step) {
    case "run":
      return decodeRun(map, entries, place, problems);
    case "checkout":
      return { kind: "checkout", path: entries.text("path") };
    case "persist_to_workspace":
      return { kind: step, root: entries.requiredText("root"), paths: entries.requiredTexts("paths") };
    case "attach_workspace":
      return { kind: step, at: entries.requiredText("at") };
    case "store_artifacts":
      return { kind: step, path: entries.requiredText("path"), destination: entries.text("destination") };
    case "store_test_results":
      return { kind: step, path: entries.requiredText("path") };
    case "save_cache":
      return {
        kind: step,
        key: entries.requiredText("key"),
        paths: entries.requiredTexts("paths"),
        when: decodeWhen(entries, place, problems),
      };
    case "restore_cache": {
      const key = entries.text("key");
      const keys = [...(key === null ? [] : [key]), ...(entries.texts("keys") ?? [])];
      if (keys.length === 0) return problems.fail(place, "required key [keys] not found");
      return { kind: step, keys };
    }
    case "add_ssh_keys":
      return { kind: step, fingerprints: entries.texts("fingerprints") ?? [] };
    default:
      return { kind: "setup_remote_docker" };
  }
}

function bodyOf(step: string, body: Value, place: Place, problems: Problems): ValueMap {
  if (isMap(body)) return body;
  if (step === "run" && typeof body === "string") return { command: body };
  if (body === null && withoutArguments.includes(step)) return {};
  return problems.fail(place, mismatch("Mapping", body));
}

function decodeWhen(entries: Entries, place: Place, problems: Problems): StepCondition {
  const when = entries.text("when") ?? "on_success";
  if (when === "on_success" || when === "on_fail" || when === "always") return when;
  return problems.fail(
    place.at("when"),
    `Input not a valid enum value; one of: always, on_success, on_fail; found: ${when}`,
  );
}

function decodeRun(map: ValueMap, entries: Entries, place: Place, problems: Problems): CompiledStep {
  const command = entries.requiredText("command");
  const timeout = decodeDuration("no_output_timeout", entries, place, problems);
  const maxAutoReruns = entries.integer("max_auto_reruns", 1, 5);
  const delay = decodeDuration("auto_rerun_delay", entries, place, problems);
  if (delay !== null && maxAutoReruns === null) {
    problems.fail(place, "auto_rerun_delay can only be set along with max_auto_reruns");
  }
  if (delay !== null && delay > tenMinutes) {
    problems.fail(place.at("auto_rerun_delay"), "auto_rerun_delay must be at most 10m");
  }
  const environment = environmentMap(map.environment ?? null, place.at("environment"), problems);
  return {
    kind: "run",
    name: entries.text("name") ?? command,
    command,
    shell: entries.text("shell"),
    environment: decodeEnvironment(environment, place.at("environment"), problems),
    background: entries.boolean("background") ?? false,
    workingDirectory: entries.text("working_directory"),
    noOutputTimeout: timeout ?? tenMinutes,
    when: decodeWhen(entries, place, problems),
    maxAutoReruns: maxAutoReruns ?? 0,
    autoRerunDelay: delay ?? 0,
  };
}

function decodeDuration(key: string, entries: Entries, place: Place, problems: Problems): number | null {
  const text = entries.text(key);
  if (text === null) return null;
  return (
    parseDuration(text) ??
    problems.fail(place.at(key), `${key} must be a duration such as "20m" or "1h 30m", found: "${text}"`)
  );
}
