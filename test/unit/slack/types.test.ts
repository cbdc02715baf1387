import type { KnownBlock } from "@slack/types";
import { expectTypeOf, test } from "vitest";
import type { Block } from "../../../src/slack/message.ts";

/** Slack's types leave everything open to change; ours do not. */
type Writable<T> = T extends readonly (infer Item)[]
  ? Writable<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Writable<T[Key]> }
    : T;

// Checked by the compiler: what is wrong here fails `npm run check`.
test("the built-in messages are made of blocks that Slack's own types know", () => {
  expectTypeOf<Writable<Block>>().toExtend<KnownBlock>();
  expectTypeOf<{ type: "section"; text: { type: "html"; text: string } }>().not.toExtend<KnownBlock>();
});
