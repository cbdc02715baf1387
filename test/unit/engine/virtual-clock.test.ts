import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../src/simulator/engine/virtual-clock.ts";

describe("VirtualClock", () => {
  it("rings in the order of time, then of age, and lets promises have their turn between", async () => {
    const clock = new VirtualClock(1000);
    const heard: string[] = [];
    const note = (name: string) => heard.push(`${name} at ${clock.now()}`);
    clock.after(20, () => note("late"));
    clock.after(10, () => {
      note("early");
      Promise.resolve()
        .then(() => clock.sleep(5))
        .then(() => note("slept"));
    });
    clock.after(20, () => note("later"));
    await clock.runUntilIdle();
    expect(heard).toEqual(["early at 1010", "slept at 1015", "late at 1020", "later at 1020"]);
  });

  it("stops where it was told to, and goes on from there", async () => {
    const clock = new VirtualClock();
    const heard: number[] = [];
    const tick = () => {
      heard.push(clock.now());
      clock.after(10, tick);
    };
    clock.after(10, tick);
    await clock.advance(25);
    expect({ heard, now: clock.now() }).toEqual({ heard: [10, 20], now: 25 });
    await clock.runUntilIdle(40);
    expect({ heard, now: clock.now() }).toEqual({ heard: [10, 20, 30, 40], now: 40 });
  });

  it("does not ring what was called off, even by what rings at the same time", async () => {
    const clock = new VirtualClock();
    const heard: string[] = [];
    clock.after(10, () => {
      heard.push("first");
      callOff();
    });
    const callOff = clock.after(10, () => heard.push("second"));
    await clock.runUntilIdle();
    callOff();
    expect(heard).toEqual(["first"]);
  });

  it("starts what was promised before it moves", async () => {
    const clock = new VirtualClock();
    const work = Promise.resolve().then(async () => {
      await clock.sleep(30);
      return clock.now();
    });
    await clock.runUntilIdle();
    expect(await work).toBe(30);
  });
});
