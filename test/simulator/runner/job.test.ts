import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { gracePeriod } from "../../../src/simulator/runner/process-group.ts";
import { run } from "../../support/run-step.ts";
import { assign, ManualClock, makeRunner, runToEnd, start, summarize } from "./job-harness.ts";

describe("the order of steps", () => {
  it("skips what wants success after a failure, and runs what wants a failure or anything", async () => {
    const { runner } = makeRunner();
    const { outcome, steps, artifacts } = await runToEnd(runner, [
      run("echo r > report.xml", { name: "first" }),
      run("true", { name: "not yet", when: "on_fail" }),
      run("exit 9", { name: "fails" }),
      run("true", { name: "skipped" }),
      { kind: "persist_to_workspace", root: ".", paths: ["."] },
      { kind: "save_cache", key: "k", paths: ["."], when: "on_success" },
      { kind: "store_artifacts", path: "report.xml", destination: null },
      { kind: "store_test_results", path: "report.xml" },
      run("true", { name: "on fail", when: "on_fail" }),
      run("exit 2", { name: "fails too", when: "always" }),
      run("true", { name: "always", when: "always" }),
      { kind: "save_cache", key: "k", paths: ["."], when: "always" },
    ]);
    expect(outcome).toBe("failed");
    expect(summarize(steps)).toEqual([
      "first success 0",
      "fails failed 9",
      "Uploading artifacts success 0",
      "Uploading test results success 0",
      "on fail success 0",
      "fails too failed 2",
      "always success 0",
      "Saving Cache success 0",
    ]);
    expect(artifacts.map(({ path }) => path)).toEqual(["report.xml"]);
  });

  it("says in a step of its own why a job could not begin", async () => {
    const { runner } = makeRunner({ hostFor: () => Promise.reject(new Error("no port left")) });
    const { outcome, steps } = await runToEnd(runner, [run("true")]);
    expect({ outcome, steps }).toEqual({
      outcome: "infrastructure_fail",
      steps: [
        { index: 0, name: "Spin up environment", status: "failed", exitCode: null, output: "no port left\n" },
      ],
    });
  });
});

describe("circleci-agent step halt", () => {
  it("ends the job after the step, without failing it", async () => {
    const { runner } = makeRunner();
    const { outcome, steps } = await runToEnd(runner, [
      run("circleci-agent step halt; echo to its end", { name: "halts" }),
      run("touch x"),
      run("touch y", { when: "always" }),
    ]);
    expect([outcome, steps.map((step) => [step.name, step.output])]).toEqual([
      "success",
      [["halts", "to its end\n"]],
    ]);
  });

  it("does not help a job that is failing; the agent cannot do everything", async () => {
    const { runner } = makeRunner();
    const { outcome, steps } = await runToEnd(runner, [
      run("circleci-agent run release plan", { name: "other" }),
      run("circleci-agent step halt", { name: "halts", when: "on_fail" }),
      run("touch y", { when: "always" }),
    ]);
    expect([outcome, summarize(steps), steps[0]?.output]).toEqual([
      "failed",
      ["other failed 1", "halts success 0"],
      "The simulator's circleci knows only: step halt, env subst, tests glob, tests split, tests run\n",
    ]);
  });
});

describe("parallelism", () => {
  it("gives each node its own folders and number, and fails when one node fails", async () => {
    const { runner } = makeRunner();
    const { outcome, steps } = await runToEnd(
      runner,
      [
        run(
          'test ! -e mine && touch mine ~/mine "$TMPDIR/mine" && echo $CIRCLE_NODE_INDEX/$CIRCLE_NODE_TOTAL',
        ),
        run("exit $((CIRCLE_NODE_INDEX == 1))", { name: "second fails" }),
        run("echo on", { name: "others go on" }),
      ],
      { parallelism: 3 },
    );
    expect(outcome).toBe("failed");
    expect(steps.map((step) => step.index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    // Nodes do not wait for one another: one may be at its second step before another begins its first.
    const isLater = (step: { readonly name: string }) => ["second fails", "others go on"].includes(step.name);
    const first = steps.filter((step) => !isLater(step));
    expect(first.map((step) => step.output).toSorted()).toEqual(["0/3\n", "1/3\n", "2/3\n"]);
    expect(summarize(steps.filter(isLater)).toSorted()).toEqual([
      "others go on success 0",
      "others go on success 0",
      "second fails failed 1",
      "second fails success 0",
      "second fails success 0",
    ]);
  });
});

describe("cancel", () => {
  it("lets a step end in its own way and runs no other, not even those that always run", async () => {
    const { runner, root } = makeRunner();
    const job = start(
      runner,
      assign({
        steps: [
          run(
            "exec 2> /dev/null; trap 'echo cleaned > clean; echo bye; exit 6' TERM; echo ready; sleep 300 & wait",
            {
              name: "patient",
            },
          ),
          run("touch next", { when: "always" }),
          { kind: "store_artifacts", path: ".", destination: null },
        ],
      }),
    );
    await job.printed("ready");
    job.running.cancel();
    expect(await job.running.done).toBe("canceled");
    expect(job.steps()).toEqual([
      { index: 0, name: "patient", status: "canceled", exitCode: 6, output: "ready\nbye\n" },
    ]);
    expect(readdirSync(join(root, "jobs/job-1/0/home/project"))).toEqual(["clean"]);
  });

  it("waits for the program when only the shell around it has ended", async () => {
    const { runner } = makeRunner();
    const program = `process.on("SIGTERM", () => setTimeout(() => { console.log("saved"); process.exit() }, 60));
      setInterval(() => {}, 1000); console.log("ready")`;
    const job = start(
      runner,
      assign({
        steps: [
          run('"$NODE" -e "$PROGRAM"; true', { environment: { NODE: process.execPath, PROGRAM: program } }),
        ],
      }),
    );
    await job.printed("ready");
    job.running.cancel();
    await job.running.done;
    expect(job.steps()[0]).toMatchObject({ status: "canceled", exitCode: 143, output: "ready\nsaved\n" });
  });

  it("kills what ignores TERM after the grace period", async () => {
    const clock = new ManualClock();
    const { runner, root } = makeRunner({ clock });
    const command =
      'trap "" TERM; (trap "" TERM; echo $BASHPID > child; sleep 300) & echo $$ > parent; mkfifo gate; wait';
    const job = start(runner, assign({ steps: [run(command, { name: "stubborn" })] }));
    const project = join(root, "jobs/job-1/0/home/project");
    await appears(join(project, "gate"));
    await appears(join(project, "child"));
    job.running.cancel();
    await clock.awaited(gracePeriod);
    clock.advance(gracePeriod - 1);
    const pids = ["parent", "child"].map((name) => readFileSync(join(project, name), "utf8").trim());
    expect(pids.map(isAlive)).toEqual([true, true]);
    clock.advance(1);
    expect(await job.running.done).toBe("canceled");
    expect(job.steps().map((step) => [step.status, step.exitCode])).toEqual([["canceled", 137]]);
    expect(pids.map(isAlive)).toEqual([false, false]);
  });

  it("before the first step runs nothing", async () => {
    const { runner } = makeRunner();
    const job = start(runner, assign({ steps: [run("touch x")] }));
    job.running.cancel();
    expect([await job.running.done, job.steps()]).toEqual(["canceled", []]);
  });

  it("of one job leaves the others alone", async () => {
    const { runner } = makeRunner();
    const one = start(runner, assign({ steps: [run("echo ready; sleep 300")] }));
    const other = start(runner, assign({ steps: [run("sleep 0.1; echo fine")] }, { id: "job-2" }));
    await one.printed("ready");
    one.running.cancel();
    expect([await one.running.done, await other.running.done]).toEqual(["canceled", "success"]);
  });
});

describe("the end of a job", () => {
  it("ends what runs in the background, daemons too, and counts it as success", async () => {
    const { runner, root } = makeRunner();
    const { outcome, steps } = await runToEnd(runner, [
      run("echo $$ > a; echo up; sleep 300", { name: "server", background: true }),
      run("exit 4", { name: "gone", background: true }),
      run("while test ! -e a; do sleep 0.01; done; sleep 300 & echo $! > b", { name: "left" }),
      run("setsid sleep 300 > /dev/null 2>&1 < /dev/null & echo $! > c", { name: "daemon" }),
      run("sleep 0.1", { name: "work" }),
    ]);
    expect(outcome).toBe("success");
    expect(summarize(steps)).toEqual([
      "server success null",
      "gone failed 4",
      "left success 0",
      "daemon success 0",
      "work success 0",
    ]);
    expect(steps[0]?.output).toBe("up\n");
    const project = join(root, "jobs/job-1/0/home/project");
    const pids = ["a", "b", "c"].map((name) => readFileSync(join(project, name), "utf8").trim());
    expect(pids.map(isAlive)).toEqual([false, false, false]);
  });
});

describe("close", () => {
  it("kills everything at once and cancels what comes later", async () => {
    const clock = new ManualClock();
    const { runner, root } = makeRunner({ clock });
    const command =
      'trap "" TERM; setsid sleep 300 & echo $! > daemon; echo $$ > shell; while :; do sleep 1; done';
    const jobs = ["job-1", "job-2"].map((id) => start(runner, assign({ steps: [run(command)] }, { id })));
    const files = ["job-1", "job-2"].flatMap((id) =>
      ["daemon", "shell"].map((name) => join(root, "jobs", id, "0/home/project", name)),
    );
    for (const file of files) await appears(file);
    const pids = files.map((file) => readFileSync(file, "utf8").trim());
    await runner.close();
    expect(pids.map(isAlive)).toEqual([false, false, false, false]);
    expect(await Promise.all(jobs.map((job) => job.running.done))).toEqual(["canceled", "canceled"]);
    const late = start(runner, assign({ steps: [run("touch x")] }, { id: "job-3" }));
    expect([await late.running.done, late.steps()]).toEqual(["canceled", []]);
  });
});

async function appears(file: string): Promise<void> {
  while (!existsSync(file) || (file.endsWith("gate") ? false : readFileSync(file, "utf8") === "")) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A zombie that nobody has collected yet is not alive. */
function isAlive(pid: string): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
