import { describe, expect, it } from "vitest";
import { Listeners } from "../../../src/simulator/engine/listeners.ts";

describe("Listeners", () => {
  it("tell a change that a listener makes once all have heard of the one before", () => {
    const listeners = new Listeners();
    const heard: string[] = [];
    let state = "first";
    listeners.add(() => {
      heard.push(`a ${state}`);
      if (state !== "first") return;
      state = "second";
      listeners.tell();
    });
    listeners.add(() => heard.push(`b ${state}`));
    listeners.tell();
    expect(heard).toEqual(["a first", "b second", "a second", "b second"]);
  });

  it("leave out who has had enough, and go on after one has thrown", () => {
    const listeners = new Listeners();
    const heard: string[] = [];
    const stop = listeners.add(() => {
      heard.push("a");
      throw new Error("a is broken");
    });
    listeners.add(() => heard.push("b"));
    expect(() => listeners.tell()).toThrow("a is broken");
    stop();
    listeners.tell();
    expect(heard).toEqual(["a", "b"]);
  });
});
