import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, lstatSync, readlinkSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { realClock } from "../../../src/simulator/engine/clock.ts";
import { createProcessRunner } from "../../../src/simulator/runner/process-runner.ts";
import { run } from "../../support/run-step.ts";
import { host, makeRunner, runToEnd, summarize } from "./job-harness.ts";

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

describe("SSH keys", () => {
  const makeKey = (file: string) => {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "deploy", "-f", file]);
    const describe = (hash: string) =>
      execFileSync("ssh-keygen", ["-l", "-E", hash, "-f", file], { encoding: "utf8" });
    const md5 = describe("md5").split(" ")[1]?.replace("MD5:", "").replaceAll(":", "");
    return { file, md5, listed: describe("sha256") };
  };
  const add = (...fingerprints: string[]) => ({ kind: "add_ssh_keys", fingerprints }) as const;

  it("are written for their owner alone, all of them or those that are named, and offered by an agent", async () => {
    const { source } = makeRunner();
    const [one, two] = [makeKey(join(source, "one")), makeKey(join(source, "two"))];
    const sshKeys = new Map([
      ["aa:bb", one.file],
      ["SHA256:x/y+z", two.file],
    ]);
    const { runner, root } = makeRunner({ sshKeys });
    const look = run(
      "cd ~/.ssh; stat -c '%a %n' . *; cat config; cmp id* \"$KEY\"; ssh-add -l; ls -l $SSH_AUTH_SOCK",
    );
    const named = await runToEnd(runner, [add("aa:bb"), look], { environment: { KEY: one.file } });
    const all = await runToEnd(runner, [add(), run("ls ~/.ssh; ssh-add -l")], {}, { id: "job-2" });
    const file = `${root}/jobs/job-1/0/home/.ssh/id_rsa_${one.md5}`;
    const [socket = ""] = /\/tmp\/circleback-agent-\w+\/socket/.exec(named.steps[1]?.output ?? "") ?? [];
    const [added, seen] = named.steps.map(({ output }) => output);
    expect([added, seen?.replace(/^srw-------.*\n/m, "the socket\n")]).toEqual([
      "Installed the key aa:bb\n",
      `700 .\n600 config\n600 id_rsa_${one.md5}\nHost *\n  IdentitiesOnly no\n  IdentityFile ${file}\n${one.listed}the socket\n`,
    ]);
    expect([existsSync(socket), all.steps.map(({ output }) => output)]).toEqual([
      false,
      [
        "Installed the key aa:bb\nInstalled the key SHA256:x/y+z\n",
        `${["config", ...[one, two].map(({ md5 }) => `id_rsa_${md5}`).sort()].join("\n")}\n${one.listed}${two.listed}`,
      ],
    ]);
  });

  it("that are none fail the step", async () => {
    const { source } = makeRunner({ files: { one: "no key\n" } });
    const { runner } = makeRunner({ sshKeys: new Map([["aa:bb", join(source, "one")]]) });
    const { outcome, steps } = await runToEnd(runner, [add("aa:bb")]);
    expect([outcome, steps[0]?.output.split("\n")[0]]).toEqual([
      "failed",
      expect.stringMatching(/^\S+\/one cannot be used: Command failed: ssh-keygen/),
    ]);
  });

  it("and known hosts are those of HOME for every ssh of the job, not those of the account", async () => {
    const { runner, root } = makeRunner();
    const ssh = run(
      "mkdir ~/.ssh; touch ~/.ssh/id_rsa; printf 'Host there\\n  Port 99\\n' > ~/.ssh/config; ssh -TG there | grep -E '^(port|identityfile|userknownhostsfile)'; ssh -TF none -G there | grep ^port",
    );
    const { steps } = await runToEnd(runner, [ssh]);
    const folder = `${root}/jobs/job-1/0/home/.ssh`;
    expect(steps[0]?.output.split("\n").sort()).toEqual([
      "",
      `identityfile ${folder}/id_rsa`,
      "identityfile none",
      "port 22",
      "port 99",
      `userknownhostsfile ${folder}/known_hosts`,
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
    const { source } = makeRunner({ files: { "keep/a": "a" } });
    const runner = createProcessRunner({
      root: join(source, "deep/run"),
      clock: realClock,
      hostFor: () => Promise.resolve(host),
      sourceOf: () => source,
      sshKeys: () => new Map(),
    });
    const { outcome, steps } = await runToEnd(runner, [{ kind: "checkout", path: null }, list]);
    await runner.close();
    expect([outcome, steps[1]?.output]).toEqual(["success", "./keep/a\n"]);
  });
});
