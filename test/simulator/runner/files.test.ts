import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeRunner, run, runToEnd, summarize } from "./job-harness.ts";

const list = run("find . -name .git -prune -o -type f -print | sort", { name: "list" });

describe("checkout", () => {
  it("copies the project with modes and links, but not its git folder", async () => {
    const { runner, root, source } = makeRunner({
      files: { "a.sh": "echo a", "deep/b": "b", "node_modules/c": "c", ".git/config": "[remote]" },
    });
    chmodSync(join(source, "a.sh"), 0o750);
    symlinkSync("deep/b", join(source, "link"));
    symlinkSync("/nowhere", join(source, "broken"));
    const { outcome, steps } = await runToEnd(runner, [
      { kind: "checkout", path: null },
      list,
      run("git remote; git rev-parse --show-toplevel; git symbolic-ref HEAD", { name: "git" }),
    ]);
    const project = join(root, "jobs/job-1/0/home/project");
    expect([outcome, steps.map((step) => [step.name, step.output])]).toEqual([
      "success",
      [
        ["Checkout code", `Checked out 0123456789abcdef0123456789abcdef01234567 from ${source}\n`],
        ["list", "./a.sh\n./deep/b\n./node_modules/c\n"],
        ["git", `${project}\nrefs/heads/main\n`],
      ],
    ]);
    expect(lstatSync(join(project, "a.sh")).mode & 0o777).toBe(0o750);
    expect([readlinkSync(join(project, "link")), readlinkSync(join(project, "broken"))]).toEqual([
      "deep/b",
      "/nowhere",
    ]);
  });

  it("goes to a path of its own, and may be repeated", async () => {
    const { runner } = makeRunner({ files: { a: "a" } });
    const { outcome, steps } = await runToEnd(runner, [
      { kind: "checkout", path: "code" },
      run("rm code/a"),
      { kind: "checkout", path: "code" },
      list,
    ]);
    expect([outcome, steps[3]?.output]).toEqual(["success", "./code/a\n"]);
  });

  it("fails in a folder with files that is no repository", async () => {
    const { runner, root } = makeRunner();
    const { outcome, steps } = await runToEnd(runner, [run("touch x"), { kind: "checkout", path: null }]);
    expect([outcome, steps[1]]).toEqual([
      "failed",
      {
        index: 1,
        name: "Checkout code",
        status: "failed",
        exitCode: 1,
        output: `Directory (${root}/jobs/job-1/0/home/project) you are trying to checkout to is not empty and not a git repository\n`,
      },
    ]);
  });
});

describe("the working directory", () => {
  it("is ~/project, below ~, or for an absolute path below the job's own folder", async () => {
    const { runner, root } = makeRunner();
    const show = run("pwd; echo $CIRCLE_WORKING_DIRECTORY");
    const shown = [];
    for (const [i, workingDirectory] of [null, "~", "~/app", "/home/circleci/x", "/srv/app"].entries()) {
      const job = await runToEnd(runner, [show], { workingDirectory }, { id: `${i}` });
      shown.push(job.steps[0]?.output.replaceAll(`${root}/jobs/${i}/0`, "JOB"));
    }
    expect(shown).toEqual([
      "JOB/home/project\n~/project\n",
      "JOB/home\n~\n",
      "JOB/home/app\n~/app\n",
      "JOB/home/x\nJOB/home/x\n",
      "JOB/disk/srv/app\nJOB/disk/srv/app\n",
    ]);
  });
});

describe("a path of a step", () => {
  it("is refused outside of what the job owns", async () => {
    const { runner, root } = makeRunner();
    const outside = [];
    for (const [i, path] of ["/etc", "../../../../x", "~/../../x", `${root}-other`].entries()) {
      const { steps } = await runToEnd(runner, [{ kind: "attach_workspace", at: path }], {}, { id: `${i}` });
      outside.push([steps[0]?.status, steps[0]?.output]);
    }
    const remedy =
      "lies outside the job's own folder. Here a job runs as local processes and has no file system of its own: " +
      "use a path relative to working_directory, or one below ~.\n";
    expect(outside).toEqual([
      ["failed", `/etc ${remedy}`],
      ["failed", "../../../../x leads out of the job's own folder.\n"],
      ["failed", "~/../../x leads out of the job's own folder.\n"],
      ["failed", `${root}-other ${remedy}`],
    ]);
  });

  it("may spell out an absolute working directory", async () => {
    const { runner } = makeRunner();
    const { steps, artifacts } = await runToEnd(
      runner,
      [
        run("mkdir out; echo x > out/x"),
        { kind: "store_artifacts", path: "/srv/app/out", destination: null },
      ],
      { workingDirectory: "/srv/app" },
    );
    expect([summarize(steps)[1], artifacts.map(({ path }) => path)]).toEqual([
      "Uploading artifacts success 0",
      ["srv/app/out/x"],
    ]);
  });
});

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

describe("artifacts", () => {
  const store = (path: string, destination: string | null = null) =>
    ({ kind: "store_artifacts", path, destination }) as const;

  it("are listed below their destination, or below the path they came from", async () => {
    const { runner, root } = makeRunner();
    const { outcome, artifacts } = await runToEnd(runner, [
      run(
        "mkdir -p out/deep; echo 1 > out/a; echo 2 > out/deep/b; echo 3 > ~/c; ln -s a out/link; ln -s gone out/broken",
      ),
      store("out"),
      store("./out/deep/", "reports"),
      store("out/a"),
      store("out/a", "renamed.txt"),
      store("~/c"),
      store("out/a", "../../up"),
    ]);
    expect(outcome).toBe("success");
    const folder = join(root, "artifacts/job-1/0");
    const paths = ["out/a", "out/deep/b", "out/link", "reports/b", "renamed.txt", "~/c", "up"];
    expect(artifacts).toEqual(paths.map((path) => ({ path, file: join(folder, path) })));
    expect(artifacts.map(({ file }) => readFileSync(file, "utf8"))).toEqual([
      "1\n",
      "2\n",
      "1\n",
      "2\n",
      "1\n",
      "3\n",
      "1\n",
    ]);
  });

  it("of the same path overwrite one another", async () => {
    const { runner } = makeRunner();
    const { artifacts } = await runToEnd(runner, [
      run("echo 1 > a"),
      store("a"),
      run("echo 2 > a"),
      store("a"),
    ]);
    expect(artifacts.map(({ path, file }) => [path, readFileSync(file, "utf8")])).toEqual([["a", "2\n"]]);
  });

  it("that are missing are no failure", async () => {
    const { runner, root } = makeRunner();
    const { outcome, steps, artifacts } = await runToEnd(runner, [store("none")]);
    const path = `${root}/jobs/job-1/0/home/project/none`;
    expect([outcome, steps[0]?.output, artifacts]).toEqual([
      "success",
      `Uploading ${path} to none\n  No artifact files found at ${path}\n`,
      [],
    ]);
  });
});

describe("test results", () => {
  it("are counted, and may be missing", async () => {
    const { runner, root } = makeRunner();
    const { outcome, steps } = await runToEnd(runner, [
      run("mkdir r; touch r/a.xml r/b.xml r/c.txt"),
      { kind: "store_test_results", path: "r" },
      { kind: "store_test_results", path: "none" },
    ]);
    const project = `${root}/jobs/job-1/0/home/project`;
    expect([outcome, steps.slice(1).map((step) => [step.name, step.output])]).toEqual([
      "success",
      [
        ["Uploading test results", `Found 2 test result file(s) at ${project}/r\n`],
        ["Uploading test results", `No test results found at ${project}/none\n`],
      ],
    ]);
  });
});

describe("SSH keys", () => {
  const add = (...fingerprints: string[]) => ({ kind: "add_ssh_keys", fingerprints }) as const;

  it("are written for their owner alone, all of them or those that are named", async () => {
    const { source } = makeRunner({ files: { one: "key one\n", two: "key two\n" } });
    const sshKeys = new Map([
      ["aa:bb", join(source, "one")],
      ["SHA256:x/y+z", join(source, "two")],
    ]);
    const { runner, root } = makeRunner({ sshKeys });
    const look = run("cd ~/.ssh; stat -c '%a %n' . *; cat id* config");
    const named = await runToEnd(runner, [add("aa:bb"), look]);
    const all = await runToEnd(runner, [add(), run("ls ~/.ssh")], {}, { id: "job-2" });
    const file = `${root}/jobs/job-1/0/home/.ssh/id_rsa_aabb`;
    expect([...named.steps, ...all.steps].map((step) => step.output)).toEqual([
      "Installed the key aa:bb\n",
      `700 .\n600 config\n600 id_rsa_aabb\nkey one\nHost *\n  IdentitiesOnly no\n  IdentityFile ${file}\n`,
      "Installed the key aa:bb\nInstalled the key SHA256:x/y+z\n",
      "config\nid_rsa_aabb\nid_rsa_xyz\n",
    ]);
  });

  it("that the project does not have fail the step", async () => {
    const { runner } = makeRunner();
    const { outcome, steps } = await runToEnd(runner, [add("cc:dd")]);
    expect([outcome, steps[0]?.name, steps[0]?.output]).toEqual([
      "failed",
      "Installing additional ssh keys",
      "The project has no SSH key with the fingerprint(s) cc:dd\n",
    ]);
  });
});

describe("remote docker", () => {
  it("is the engine of this machine", async () => {
    const { runner } = makeRunner();
    const { outcome, steps } = await runToEnd(runner, [{ kind: "setup_remote_docker" }]);
    expect([outcome, steps[0]?.name, steps[0]?.output]).toEqual([
      "success",
      "Setup a remote Docker engine",
      "Nothing to set up: docker commands use the engine of this machine.\n",
    ]);
  });
});

describe("a project folder around the run's own folder", () => {
  it("is copied without it", async () => {
    const { runner, root, source } = makeRunner();
    mkdirSync(join(source, "keep"));
    writeFileSync(join(source, "keep/a"), "a");
    const { createProcessRunner } = await import("../../../src/simulator/runner/process-runner.ts");
    const { realClock } = await import("../../../src/simulator/engine/clock.ts");
    const inside = createProcessRunner({
      root: join(source, "run"),
      clock: realClock,
      hostFor: () => Promise.resolve("http://127.0.0.1:1"),
      sourceOf: () => source,
      sshKeys: () => new Map(),
    });
    const { outcome, steps } = await runToEnd(inside, [{ kind: "checkout", path: null }, list]);
    await inside.close();
    await runner.close();
    expect([outcome, steps[1]?.output, root === source]).toEqual(["success", "./keep/a\n", false]);
  });
});
