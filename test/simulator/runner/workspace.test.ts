import { describe, expect, it } from "vitest";
import { run } from "../../support/run-step.ts";
import { makeRunner, runToEnd } from "./job-harness.ts";

const list = run("find . -name .git -prune -o -type f -print | sort", { name: "list" });

describe("workspaces", () => {
  const persist = (root: string, ...paths: string[]) =>
    ({ kind: "persist_to_workspace", root, paths }) as const;
  const attach = (at: string) => ({ kind: "attach_workspace", at }) as const;

  it("carry files, modes and links from upstream jobs to wherever they are attached", async () => {
    const { runner } = makeRunner();
    const first = await runToEnd(
      runner,
      [
        run(
          "mkdir -p ws/deep ws/empty; echo 1 > ws/deep/.hidden; echo 2 > ws/tool; chmod 755 ws/tool; ln -s tool ws/link; echo 3 > ws/not-this",
        ),
        persist("ws", "deep", "empty", "tool", "l*"),
      ],
      {},
      { id: "a", name: "first" },
    );
    expect(first.steps[1]?.status).toBe("success");
    const second = await runToEnd(
      runner,
      [attach("~/here"), run("cd ~/here && find . -printf '%M %p %l\\n' | sort -k2")],
      {},
      { id: "b", upstreamJobIds: ["a"] },
    );
    expect(second.steps.map((step) => step.output)).toEqual([
      "Applied the workspace layer of first (3 file(s))\n",
      [
        "drwxr-xr-x . ",
        "drwxr-xr-x ./deep ",
        "-rw-r--r-- ./deep/.hidden ",
        "drwxr-xr-x ./empty ",
        "lrwxrwxrwx ./link tool",
        "-rwxr-xr-x ./tool ",
        "",
      ].join("\n"),
    ]);
  });

  it("match patterns as Go does, and take the root itself", async () => {
    const { runner } = makeRunner();
    const make = run("mkdir -p x/y; touch x/1.log x/2.log x/.3.log x/y/4.log x/a.txt; true");
    const attached = [];
    for (const [i, path] of ["x/*.log", "*/?.log", "x/[^12]*", "./x/y", "x/**/4.log", "."].entries()) {
      await runToEnd(runner, [make, persist(".", path)], {}, { id: `from-${i}` });
      const { steps } = await runToEnd(
        runner,
        [attach("."), list],
        {},
        { id: `to-${i}`, upstreamJobIds: [`from-${i}`] },
      );
      attached.push(steps[1]?.output.trim().split("\n"));
    }
    expect(attached).toEqual([
      ["./x/.3.log", "./x/1.log", "./x/2.log"],
      ["./x/1.log", "./x/2.log"],
      ["./x/.3.log", "./x/a.txt", "./x/y/4.log"],
      ["./x/y/4.log"],
      ["./x/y/4.log"],
      ["./x/.3.log", "./x/1.log", "./x/2.log", "./x/a.txt", "./x/y/4.log"],
    ]);
  });

  it("lay the layers over one another in order, those of one job too, and only those of upstream jobs", async () => {
    const { runner } = makeRunner();
    const write = (text: string) => run(`echo ${text} > shared; echo ${text} > ${text}`);
    await runToEnd(
      runner,
      [write("a1"), persist(".", "."), write("a2"), persist(".", "*a*")],
      {},
      { id: "a", name: "a" },
    );
    await runToEnd(
      runner,
      [write("b"), persist(".", ".")],
      {},
      { id: "b", name: "b", upstreamJobIds: ["a"] },
    );
    await runToEnd(runner, [write("c"), persist(".", ".")], {}, { id: "c", name: "c" });
    const read = async (id: string, upstreamJobIds: string[]) => {
      const { steps } = await runToEnd(
        runner,
        [attach("."), run("echo * :; cat shared")],
        {},
        { id, upstreamJobIds },
      );
      return steps[1]?.output;
    };
    expect([await read("d", ["a", "b"]), await read("e", ["a"])]).toEqual([
      "a1 a2 b shared :\nb\n",
      "a1 a2 shared :\na2\n",
    ]);
  });

  it("are not attached when concurrent jobs persisted the same file, but runs of one job replace one another", async () => {
    const { runner } = makeRunner();
    const write = [run("mkdir -p d; echo $CIRCLE_WORKFLOW_JOB_ID > d/same"), persist(".", "d")];
    for (const [id, name] of [
      ["a", "left"],
      ["b", "right"],
      ["a2", "left"],
    ] as const) {
      await runToEnd(runner, write, {}, { id, name });
    }
    const { steps } = await runToEnd(runner, [attach(".")], {}, { id: "c", upstreamJobIds: ["a", "b"] });
    expect([steps[0]?.status, steps[0]?.output]).toEqual([
      "failed",
      "Concurrent upstream jobs persisted the same file(s) into the workspace:\nd/same\n",
    ]);
    const again = await runToEnd(
      runner,
      [attach("."), run("cat d/same")],
      {},
      { id: "d", upstreamJobIds: ["a", "a2"] },
    );
    expect(again.steps[1]?.output).toBe("a2\n");
  });

  it("take the layers of all nodes", async () => {
    const { runner } = makeRunner();
    await runToEnd(
      runner,
      [run("echo x > n$CIRCLE_NODE_INDEX"), persist(".", "n*")],
      { parallelism: 3 },
      { id: "a" },
    );
    const { steps } = await runToEnd(runner, [attach("."), list], {}, { id: "b", upstreamJobIds: ["a"] });
    expect(steps[1]?.output).toBe("./n0\n./n1\n./n2\n");
  });

  it("fail to persist what is not there, from where nothing is, and from outside the root", async () => {
    const { runner, root } = makeRunner();
    const outputs = [];
    for (const [i, step] of [
      persist(".", "missing", "*.none"),
      persist("no/root", "."),
      persist(".", "../x"),
    ].entries()) {
      const { outcome, steps } = await runToEnd(runner, [step], {}, { id: `${i}` });
      outputs.push([outcome, steps[0]?.output.replaceAll(`${root}/jobs/${i}/0/home/project`, "PROJECT")]);
    }
    expect(outputs).toEqual([
      ["failed", "The specified paths did not match any files in PROJECT\n"],
      ["failed", "The workspace root is not a directory: PROJECT/no/root\n"],
      ["failed", "../x is not a path relative to the workspace root\n"],
    ]);
  });

  it("may be empty", async () => {
    const { runner } = makeRunner();
    const { outcome, steps } = await runToEnd(
      runner,
      [attach("new"), run("ls -d new")],
      {},
      { upstreamJobIds: ["x"] },
    );
    expect([outcome, steps[1]?.output]).toEqual(["success", "new\n"]);
  });
});
