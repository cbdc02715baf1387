import { expect, test } from "vitest";
import { withDocker } from "../../../src/docker/docker.ts";
import type { ExecResult, Host } from "../../../src/host/host.ts";
import { createFakeHost } from "../../support/fake-host.ts";

const done: ExecResult = { exitCode: 0, output: "", stdout: "" };

test("gives a sign of life for each minute of silence, and none while there is output", async () => {
  const wakes: (() => void)[] = [];
  let now = 0;
  let print: (line: string) => void = () => {};
  let end: (result: ExecResult) => void = () => {};
  const fake = createFakeHost({
    exec: async ([, ...args], { onLine }) => {
      if (args[0] === "logout") return done;
      print = (line) => onLine?.(line);
      return new Promise((resolve) => {
        end = resolve;
      });
    },
  });
  const sleep: Host["clock"]["sleep"] = (_, signal) =>
    new Promise((resolve) => {
      wakes.push(resolve);
      signal?.addEventListener("abort", () => resolve());
    });
  const host = { ...fake, clock: { now: () => now, sleep } };
  const pass = async (minutes: number) => {
    now += minutes * 60_000;
    wakes.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };

  const running = withDocker(host, "registry", (docker) => docker.run({ args: ["build", "."] }));
  await new Promise((resolve) => setImmediate(resolve));
  await pass(1);
  now += 30_000;
  print("Step 1/2");
  await pass(0.5);
  await pass(1);
  end(done);
  await running;
  expect(fake.lines).toEqual([
    "$ docker build .",
    "docker build has been running for 1 min.",
    "Step 1/2",
    "docker build has been running for 3 min.",
  ]);
});

test("waits a minute for what is asked out of sight, and ten seconds for the logout", async () => {
  const host = createFakeHost({
    requestsHang: true,
    exec: async (_, { signal }) => {
      while (!signal?.aborted) await new Promise((resolve) => setImmediate(resolve));
      return { exitCode: null, output: "said before", stdout: "" };
    },
  });
  const asked = await withDocker(host, "registry", (docker) => docker.ask({ args: ["version"] }));
  expect([asked, host.sleeps]).toEqual([
    { exitCode: null, output: "said before\nno answer within 60 s", stdout: "" },
    [60_000, 10_000],
  ]);
});

test("ends what is asked out of sight when the job is cancelled", async () => {
  const host = createFakeHost({
    exec: async ([, ...args], { signal }) => {
      if (args[0] === "logout") return done;
      setImmediate(() => host.cancel());
      while (!signal?.aborted) await new Promise((resolve) => setImmediate(resolve));
      return { ...done, exitCode: null };
    },
  });
  const asking = withDocker(host, "registry", (docker) => docker.ask({ args: ["version"] }));
  await expect(asking).rejects.toThrow("cancelled by the test");
});

test("takes what has succeeded in its last moment for a success", async () => {
  const host = createFakeHost({
    requestsHang: true,
    exec: async (_, { signal }) => {
      while (!signal?.aborted) await new Promise((resolve) => setImmediate(resolve));
      return done;
    },
  });
  expect(await withDocker(host, "registry", (docker) => docker.ask({ args: ["version"] }))).toEqual(done);
});

test("never lets trouble with leaving hide the trouble before it", async () => {
  const host = createFakeHost({
    exec: async ([, ...args]) => {
      if (args[0] === "logout") throw new Error("cannot fork");
      return done;
    },
  });
  const work = withDocker(host, "registry", async () => {
    throw new Error("the first error");
  });
  await expect(work).rejects.toThrow("the first error");
  expect(host.lines).toEqual(["Warning: docker logout registry failed: Error: cannot fork"]);
});
