import * as v from "valibot";
import { parse, stringify } from "yaml";
import { World } from "./world.ts";

const durations = new Set(["takes", "timeout", "delay", "amount"]);
const durationLists = new Set(["starts", "sweeps"]);

/** A world as a file that a person can read: what is as usual is left out. */
export function writeWorld(world: World, remarks: readonly string[]): string {
  const document = leaveOut(show(world, ""), World);
  return `${remarks.map((line) => `# ${line}\n`).join("")}${stringify(document, { lineWidth: 110 })}`;
}

/** Throws where the text describes no world. */
export function readWorld(text: string): World {
  return v.parse(World, parse(text));
}

/** Milliseconds become `12.5s`. */
function show(value: unknown, key: string): unknown {
  if (typeof value === "number" && (durations.has(key) || durationLists.has(key))) return `${value / 1000}s`;
  if (Array.isArray(value)) return value.map((item) => show(item, key));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, show(item, name)]));
}

/** Drops every entry that equals the default of its schema. */
function leaveOut(value: unknown, schema: unknown): unknown {
  const { type, entries, item, wrapped } = schema as Schema;
  if (wrapped !== undefined) return leaveOut(value, wrapped);
  if (type === "array" && Array.isArray(value)) return value.map((each) => leaveOut(each, item));
  if (entries === undefined || typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(
    ([name, each]) => JSON.stringify(entries[name]?.default) !== JSON.stringify(each),
  );
  return Object.fromEntries(kept.map(([name, each]) => [name, leaveOut(each, entries[name])]));
}

/** What is used of valibot's own description of a schema. */
interface Schema {
  readonly type: string;
  readonly entries?: Readonly<Record<string, Schema & { readonly default?: unknown }>>;
  readonly item?: Schema;
  readonly wrapped?: Schema;
}
