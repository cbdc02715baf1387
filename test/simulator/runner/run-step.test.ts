import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { realClock } from "../../../src/simulator/engine/clock.ts";
import { formatDuration } from "../../../src/simulator/runner/run-step.ts";
import { longestOutput } from "../../../src/simulator/runner/step-log.ts";
import { run } from "../../support/run-step.ts";
import { assign, host, ManualClock, makeRunner, runToEnd, start, summarize } from "./job-harness.ts";

describe("a run step", () => {
  it("keeps the order of what goes to standard output and standard error", async () => {
    const { runner } = makeRunner();
    const command = "echo 1; echo 2 >&2; echo 3; echo 4 > /dev/stderr; echo 5 | tee /dev/stderr; printf 6";
    const { outcome, steps } = await runToEnd(runner, [run(command, { name: "talk" })]);
    expect({ outcome, steps }).toEqual({
      outcome: "success",
      steps: [{ index: 0, name: "talk", status: "success", exitCode: 0, output: "1\n2\n3\n4\n5\n5\n6" }],
    });
  });

  it("runs in bash with -e and pipefail, as one argument of -c", async () => {
    const { runner } = makeRunner();
    const { steps } = await runToEnd(runner, [
      run("tr '\\0' '|' < /proc/$$/cmdline; true", { name: "argv" }),
      run("false | true; echo unreachable", { name: "pipe" }),
      run("echo '#!/usr/bin/env node'", { name: "skipped" }),
    ]);
    expect(steps.map((step) => [step.name, step.exitCode, step.output])).toEqual([
      ["argv", 0, "/bin/bash|-eo|pipefail|-c|tr '\\0' '|' < /proc/$$/cmdline; true|"],
      ["pipe", 1, ""],
    ]);
  });

  it("takes the shell of the job, and rather that of the step", async () => {
    const { runner } = makeRunner();
    const { steps } = await runToEnd(
      runner,
      [
        run("false; echo $0", { name: "job's" }),
        run("set -o | grep nounset; echo $0", { shell: `/usr/bin/env "bash" -u` }),
      ],
      { shell: "/bin/sh" },
    );
    expect(steps.map((step) => step.output)).toEqual(["/bin/sh\n", "nounset        \ton\nbash\n"]);
  });

  it("has an empty standard input", async () => {
    const { runner } = makeRunner();
    const { steps } = await runToEnd(runner, [run("cat; echo end")]);
    expect(steps[0]?.output).toBe("end\n");
  });

  it("aims the service's name in the command at the simulator, not the one in values", async () => {
    const { runner } = makeRunner();
    const { steps } = await runToEnd(runner, [
      run("echo https://circleci.com/api/v2/me $SITE", { environment: { SITE: "https://circleci.com" } }),
    ]);
    expect(steps[0]?.output).toBe(`${host}/api/v2/me https://circleci.com\n`);
  });

  it("runs in its working directory, relative to the job's", async () => {
    const { runner, root } = makeRunner();
    const { outcome, steps } = await runToEnd(runner, [
      run("pwd; mkdir deep", { name: "job" }),
      run("pwd", { name: "step", workingDirectory: "deep" }),
      run("pwd", { name: "nowhere", workingDirectory: "missing" }),
    ]);
    const project = `${root}/jobs/job-1/0/home/project`;
    expect(outcome).toBe("failed");
    expect(steps.map((step) => step.output)).toEqual([
      `${project}\n`,
      `${project}/deep\n`,
      `chdir ${project}/missing: no such file or directory\n`,
    ]);
  });

  it("reports a signal as a shell would", async () => {
    const { runner } = makeRunner();
    const { outcome, steps } = await runToEnd(runner, [run("kill -SEGV $$", { name: "crash" })]);
    expect([outcome, summarize(steps)]).toEqual(["failed", ["crash failed 139"]]);
  });

  it("splits no character", async () => {
    const { runner } = makeRunner();
    const { steps } = await runToEnd(runner, [run("for i in {1..40000}; do printf 'ä€😀'; done")]);
    expect(steps[0]?.output === "ä€😀".repeat(40_000)).toBe(true);
  });

  it("loses no last words when many processes end at the same time", async () => {
    const { runner } = makeRunner();
    const { steps } = await runToEnd(runner, [run("printf end")], { parallelism: 24 });
    expect(steps.map((step) => step.output)).toEqual(Array(24).fill("end"));
  });

  it("cuts an output that is too long, and says so", async () => {
    const { runner } = makeRunner();
    const { outcome, steps } = await runToEnd(runner, [run("head -c 20000000 /dev/zero | tr '\\0' x")]);
    expect(outcome).toBe("success");
    expect(steps[0]?.output.slice(longestOutput)).toBe(
      `\n[The rest is not kept: a step's output may have ${longestOutput} characters.]\n`,
    );
  });

  it("does not wait for what the shell leaves in the background", async () => {
    const { runner } = makeRunner();
    const { outcome, steps } = await runToEnd(runner, [run("sleep 300 & echo left"), run("echo next")]);
    expect([outcome, steps.map((step) => step.output)]).toEqual(["success", ["left\n", "next\n"]]);
  });

  it("is an infrastructure failure when its shell does not exist", async () => {
    const { runner } = makeRunner();
    const { outcome, steps } = await runToEnd(runner, [
      run("echo", { name: "lost", shell: "/nowhere/bash -e" }),
      run("echo", { when: "always" }),
    ]);
    expect({ outcome, steps }).toEqual({
      outcome: "infrastructure_fail",
      steps: [
        { index: 0, name: "lost", status: "failed", exitCode: null, output: "spawn /nowhere/bash ENOENT\n" },
      ],
    });
  });
});

describe("what Linux takes", () => {
  it("is 131071 bytes for a value with its name", async () => {
    const { runner } = makeRunner();
    const fits = "x".repeat(131_071 - "BIG=".length);
    const command = "echo ${#BIG}";
    const { outcome, steps } = await runToEnd(runner, [
      run(command, { name: "fits", environment: { BIG: fits } }),
      run(command, { name: "too long", environment: { BIG: `${fits}x` } }),
      run("echo on", { name: "after", when: "on_fail" }),
    ]);
    expect([outcome, steps.map((step) => [step.name, step.status, step.exitCode, step.output])]).toEqual([
      "failed",
      [
        ["fits", "success", 0, "131067\n"],
        [
          "too long",
          "failed",
          null,
          "/bin/bash: argument list too long (environment variable BIG has 131072 bytes, the limit is 131071)\n",
        ],
        ["after", "success", 0, "on\n"],
      ],
    ]);
  });

  it("is 131071 bytes for a command", async () => {
    const { runner } = makeRunner();
    const fits = `: ${"x".repeat(131_069)}`;
    const { steps } = await runToEnd(runner, [
      run(fits, { name: "fits" }),
      run(`${fits}x`, { name: "too long" }),
    ]);
    expect(steps.map((step) => [step.status, step.output])).toEqual([
      ["success", ""],
      ["failed", "/bin/bash: argument list too long (the command has 131072 bytes, the limit is 131071)\n"],
    ]);
  });

  it("is less than all strings together may have, and that fails the step too", async () => {
    const { runner } = makeRunner();
    const environment = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [`V${i}`, "x".repeat(131_000)]),
    );
    const { outcome, steps } = await runToEnd(runner, [run("true", { environment, name: "all" })]);
    expect([outcome, summarize(steps)]).toEqual(["failed", ["all failed null"]]);
    expect(steps[0]?.output).toContain("E2BIG");
  });
});

describe("time", () => {
  it("ends a step that prints nothing for too long, and the job is timed out", async () => {
    const clock = new ManualClock();
    const { runner } = makeRunner({ clock });
    const job = start(
      runner,
      assign({
        steps: [
          run("sleep 300", { name: "silent", noOutputTimeout: 90_000 }),
          run("echo no", { name: "no" }),
          run("echo yes", { name: "yes", when: "on_fail" }),
        ],
      }),
    );
    await clock.awaited(90_000);
    clock.advance(90_000);
    expect(await job.running.done).toBe("timedout");
    expect(job.steps().map((step) => [step.name, step.status, step.exitCode, step.output])).toEqual([
      ["silent", "timedout", 143, "Too long with no output (exceeded 1m30s): context deadline exceeded\n"],
      ["yes", "success", 0, "yes\n"],
    ]);
  });

  it("counts from the last output", async () => {
    const clock = new ManualClock();
    const { runner, root } = makeRunner({ clock });
    const step = run("mkfifo gate; echo one; read -r < gate; echo two; sleep 300", {
      noOutputTimeout: 60_000,
    });
    const job = start(runner, assign({ steps: [step] }));
    await clock.awaited(60_000);
    await printedOn(clock, job, "one");
    clock.advance(59_000);
    writeFileSync(`${root}/jobs/job-1/0/home/project/gate`, "go\n");
    await printedOn(clock, job, "two");
    clock.advance(50_000);
    expect(job.steps()[0]?.status).toBe("running");
    clock.advance(10_000);
    expect(await job.running.done).toBe("timedout");
  });

  it("reports output now and then while it flows, and everything at the end", async () => {
    const clock = new ManualClock();
    const { runner } = makeRunner({ clock });
    const job = start(
      runner,
      assign({ steps: [run("for i in {1..500}; do echo $i; done", { name: "many" })] }),
    );
    await job.running.done;
    const all = Array.from({ length: 500 }, (_, i) => `${i + 1}\n`).join("");
    expect(job.reports).toEqual([
      { index: 0, name: "many", status: "running", exitCode: null, output: "" },
      { index: 0, name: "many", status: "success", exitCode: 0, output: all },
    ]);
  });

  it("is written as Go writes it", () => {
    expect([600_000, 4_500_000, 30_000, 1500].map(formatDuration)).toEqual([
      "10m0s",
      "1h15m0s",
      "30s",
      "1.5s",
    ]);
  });
});

describe("automatic reruns", () => {
  it("repeat a failed step, each attempt as a step of its own, after the delay", async () => {
    const clock = new ManualClock();
    const { runner } = makeRunner({ clock });
    const flaky = run("echo x >> tries; test $(wc -l < tries) = 3", {
      name: "flaky",
      maxAutoReruns: 4,
      autoRerunDelay: 10_000,
    });
    const job = start(runner, assign({ steps: [flaky, run("cat tries", { name: "tries" })] }));
    for (let attempt = 0; attempt < 2; attempt++) {
      await clock.awaited(10_000);
      clock.advance(10_000);
    }
    expect(await job.running.done).toBe("success");
    expect(summarize(job.steps())).toEqual([
      "flaky failed 1",
      "flaky failed 1",
      "flaky success 0",
      "tries success 0",
    ]);
  });

  it("end when there are none left", async () => {
    const { runner } = makeRunner();
    const { outcome, steps } = await runToEnd(runner, [run("exit 3", { name: "never", maxAutoReruns: 1 })]);
    expect([outcome, summarize(steps)]).toEqual(["failed", ["never failed 3", "never failed 3"]]);
  });

  it("stop for a cancel", async () => {
    const clock = new ManualClock();
    const { runner } = makeRunner({ clock });
    const job = start(
      runner,
      assign({ steps: [run("exit 1", { name: "never", maxAutoReruns: 5, autoRerunDelay: 60_000 })] }),
    );
    await clock.awaited(60_000);
    job.running.cancel();
    expect(await job.running.done).toBe("canceled");
    expect(summarize(job.steps())).toEqual(["never failed 1"]);
  });
});

/** Lets the clock move in small steps, as only then is output reported. */
async function printedOn(clock: ManualClock, job: ReturnType<typeof start>, text: string): Promise<void> {
  const printed = job.printed(text).then(() => true);
  const pause = () => new Promise<false>((resolve) => realClock.after(5, () => resolve(false)));
  while (!(await Promise.race([printed, pause()]))) clock.advance(50);
}
