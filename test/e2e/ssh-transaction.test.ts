import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseEnvironment } from "../../src/rollout/environment-lines.ts";
import { buildScript } from "../../src/rollout/script.ts";
import { shells } from "../support/shells.ts";
import { ending, openScriptedHost, transaction } from "../support/ssh/scripted-host.ts";

/**
 * The script for a host, in the shells that hosts have, with a Docker that only notes what it is told. What a real one
 * makes of it, the other tests of ssh-deploy say.
 */

/** Names that mean something to a shell, some of them only in a function or where they are set. */
const special =
  "FUNCNAME BASH_ENV ENV BASH_ARGV0 SRANDOM EPOCHSECONDS EPOCHREALTIME HISTCMD OPTIND OPTARG RANDOM SECONDS GROUPS DIRSTACK LINENO BASHPID PS1 PS4 TMOUT TIMEFORMAT GLOBIGNORE POSIXLY_CORRECT REPLY PWD OLDPWD SHLVL LC_ALL MAILCHECK COLUMNS LINES".split(
    " ",
  );

describe.each(shells)("in $name, a host", (shell) => {
  test("does the whole transaction, and leaves no lock, no login and one line in its record", async () => {
    const host = openScriptedHost();
    const { out, err } = await host.run(shell, buildScript(transaction, "start"));
    expect([err, ending(out)]).toEqual([
      "",
      {
        result: "deployed",
        phase: "health",
        release: expect.stringMatching(/-0123456789ab$/),
        previous: expect.stringMatching(/-found$/),
        before: "what ran before",
        now: "0.1.1",
        image: "registry.example/shop@sha256:1",
      },
    ]);
    expect(readdirSync(host.base).sort()).toEqual(["current", "history.jsonl", "releases", "runs"]);
    expect(host.read("home/.circleback/shop/history.jsonl")).toMatch(
      /^\{"at":"[^"]+Z","mode":"deploy","result":"deployed",.*"by":"bot"\}\n$/,
    );
    expect(host.read("password")).toBe("hunter2");
    const calls = host.read("calls");
    expect(calls).not.toContain("hunter2");
    expect(calls).toContain(
      'run --name shop-run-0123456789ab --rm -T web ./migrate * SECRET=it\'s "a" $secret\n`\n',
    );
    expect(calls).toContain("up -d --no-build --remove-orphans SECRET=");
  });

  test("hands on every variable that `env` takes, also where a shell gives its name a meaning", async () => {
    const host = openScriptedHost();
    const bashNames = spawnSync("bash", ["-c", "compgen -v"], { env: {}, encoding: "utf8" }).stdout.split(
      "\n",
    );
    const names = new Set([...bashNames, ...special].filter((name) => !/^(HOME|PATH|IMAGE|)$/.test(name)));
    const variables = [...names].flatMap((name) => {
      try {
        return parseEnvironment(`${name}=1.2 x`, {});
      } catch {
        return [];
      }
    });
    expect(variables.map(({ name }) => name)).toEqual(expect.arrayContaining(["PS4", "BASH_ENV", "TMOUT"]));
    const { out } = await host.run(shell, buildScript({ ...transaction, variables }, "start"));
    expect(ending(out)).toMatchObject({ result: "deployed" });
    const given = host.read("environment").split("\n");
    expect(variables.map(({ name }) => `${name}=1.2 x`).filter((line) => !given.includes(line))).toEqual([]);
  });

  test("begins nothing with a script that was cut off", async () => {
    const host = openScriptedHost();
    const script = buildScript(transaction, "start");
    for (const part of [0.1, 0.3, 0.5, 0.7, 0.9, 0.999]) {
      await host.run(shell, script.slice(0, Math.floor(script.length * part)));
    }
    await host.run(shell, script.slice(0, script.lastIndexOf("start") + 3));
    expect([existsSync(host.base), host.read("calls")]).toEqual([false, ""]);
  });

  test("waits for no lock that is held, breaks one whose time is over, and lets its own workflow in again", async () => {
    const host = openScriptedHost();
    const lock = (expires: number | string, workflow: string, pid: number) => {
      mkdirSync(join(host.base, "lock"), { recursive: true });
      const files = { expires, workflow, pid, who: "ann (job 6)", until: "2026-01-01T00:00:00Z" };
      for (const [name, value] of Object.entries(files))
        writeFileSync(join(host.base, "lock", name), `${value}\n`);
    };
    const later = Math.floor(Date.now() / 1000) + 600;
    const ran = async (id: string) =>
      (await host.run(shell, buildScript({ ...transaction, id }, "start"))).out;
    const dead = spawnSync("true").pid;

    lock(later, "workflow-0", dead);
    const held = await ran("0123456789ab");
    expect(ending(held)).toMatchObject({ result: "refused", phase: "lock" });
    expect(held).toContain("The lock is held by ann (job 6), until 2026-01-01T00:00:00Z at the latest.");
    lock(later, "workflow-1", process.pid);
    expect(ending(await ran("0123456789ab"))).toMatchObject({ result: "refused", phase: "lock" });
    lock(later, "workflow-1", dead);
    expect(ending(await ran("0123456789ab"))).toMatchObject({ result: "deployed" });
    lock(1, "workflow-0", process.pid);
    const broken = (await ran("ba9876543210")).replaceAll("ba9876543210", "0123456789ab");
    expect(broken).toContain("Broke the lock of ann (job 6), which was left behind.");
    lock("soon", "workflow-0", process.pid);
    utimesSync(join(host.base, "lock"), 1, 1);
    expect(ending(await ran("ba9876543211"))).toMatchObject({ result: "deployed" });
    expect(ending(broken)).toMatchObject({ result: "deployed" });
  });

  test("tells whoever asks later how it ended, from the line on that is missing", async () => {
    const host = openScriptedHost();
    const { out } = await host.run(shell, buildScript(transaction, "start"));
    const again = await host.run(shell, buildScript(transaction, "resume", 2));
    const log = (printed: string) => printed.split("\n").filter((line) => line.startsWith("@0123456789ab|"));
    expect([log(again.out), ending(again.out)]).toEqual([log(out).slice(2), ending(out)]);
  });

  test("is followed no longer than its lock may last, whoever has the number of its process by now", async () => {
    const host = openScriptedHost();
    host.onUp('kill -9 "$(cat "$HOME/.circleback/shop/lock/pid")"; exit 1');
    await host.run(shell, buildScript(transaction, "start"));
    host.write("home/.circleback/shop/runs/0123456789ab.pid", `${process.pid}\n`);
    const script = buildScript(transaction, "resume").replace(/lock_limit='\d+'/, "lock_limit='1'");
    expect(ending((await host.run(shell, script)).out)).toMatchObject({ result: "died" });
  });

  test("keeps so many releases with their images, also where something is run once", async () => {
    const host = openScriptedHost();
    for (const number of [1, 2, 3, 4]) {
      const release = {
        ...transaction,
        id: `00000000000${number}`,
        image: `registry.example/shop@sha256:${number}`,
        version: `0.1.${number}`,
        keep: 2,
      };
      const { out } = await host.run(shell, buildScript(release, "start"));
      expect(out).toContain('"result":"deployed"');
    }
    const kept = readdirSync(join(host.base, "releases")).map((name) =>
      host.read(`home/.circleback/shop/releases/${name}/image`).trim(),
    );
    // What was found has no image of its own; in one second with the others it counts as the youngest.
    expect(kept.filter(Boolean)).toEqual([
      "registry.example/shop@sha256:3",
      "registry.example/shop@sha256:4",
    ]);
    const removed = host.read("calls").match(/(?<=docker image rm ).*/g);
    expect(removed).toEqual(["registry.example/shop@sha256:1", "registry.example/shop@sha256:2"]);
  });

  test("removes the image of a release that failed, unless a release of any project has it", async () => {
    const host = openScriptedHost();
    const other = join(host.base, "../other/releases/1");
    mkdirSync(other, { recursive: true });
    writeFileSync(join(other, "image"), "registry.example/shop@sha256:7\n");
    host.onUp("case $IMAGE in *1) ;; *) exit 1 ;; esac");
    for (const number of [1, 7, 8, 1]) {
      const image = `registry.example/shop@sha256:${number}`;
      await host.run(shell, buildScript({ ...transaction, id: `00000000000${number}`, image }, "start"));
    }
    expect(host.read("calls").match(/(?<=docker image rm ).*/g)).toEqual(["registry.example/shop@sha256:8"]);
  });

  test("takes no Compose file that is not what was sent", async () => {
    const host = openScriptedHost();
    const compose = { text: "services: {}\n", sum: "3ae2ec4ae6e9d8b8f2a5c1e4e0b0d5a9" };
    const { out } = await host.run(shell, buildScript({ ...transaction, compose }, "start"));
    expect(out).toContain("compose.yml is not what was sent.");
    expect(ending(out)).toMatchObject({ result: "unchanged", phase: "upload" });
    expect(host.read("calls")).not.toContain("compose -p");
  });

  test("brings the release before back once an engine that was restarted answers again", async () => {
    const host = openScriptedHost();
    host.onUp(
      "case $IMAGE in *2) touch $folder/down; { sleep 2; rm $folder/down; } >/dev/null 2>&1 & exit 1 ;; esac",
    );
    const image = "registry.example/shop@sha256:2";
    await host.run(shell, buildScript({ ...transaction, id: "000000000001" }, "start"));
    const { out } = await host.run(shell, buildScript({ ...transaction, image }, "start"));
    expect(ending(out)).toMatchObject({ result: "rolled-back", phase: "up", before: "0.1.1" });
  });

  test("says that it could not, where the engine stays down, and the next deploy goes back behind it", async () => {
    const host = openScriptedHost();
    host.onUp("touch $folder/down; exit 1");
    const impatient = (script: string) => script.replace("restore_limit='300'", "restore_limit='4'");
    const { out } = await host.run(shell, impatient(buildScript(transaction, "start")));
    expect(ending(out)).toMatchObject({ result: "broken", phase: "up" });
    expect(readdirSync(host.base).sort()).toEqual(["before.none", "history.jsonl", "releases", "runs"]);
    host.onUp("");
    rmSync(join(host.base, "../../../down"));
    const next = await host.run(shell, buildScript({ ...transaction, id: "000000000002" }, "start"));
    expect(next.out).toContain(
      "An earlier deploy was cut off: what it found is what a failure goes back to.",
    );
    expect(next.out).toContain('"result":"deployed"');
    expect(readdirSync(host.base).sort()).toEqual(["current", "history.jsonl", "releases", "runs"]);
  });

  test("says where the engine has gone before anything changed", async () => {
    const host = openScriptedHost();
    host.onUp("");
    const script = buildScript({ ...transaction, registry: null }, "start");
    // As it is asked for what runs, the engine still answers; as it is to pull, it does not.
    const { out } = await host.run(
      shell,
      script.replace("Checking the Compose file", '"; touch ~/../down; say "'),
    );
    expect(ending(out)).toMatchObject({ result: "unchanged", phase: "engine" });
  });

  test("leaves a lock alone that is another's by now", async () => {
    const host = openScriptedHost();
    host.onUp('echo another >"$HOME/.circleback/shop/lock/tx"');
    const { out } = await host.run(shell, buildScript(transaction, "start"));
    expect([ending(out).result, host.read("home/.circleback/shop/lock/tx")]).toEqual([
      "deployed",
      "another\n",
    ]);
  });

  test("does not do it twice when it comes twice", async () => {
    const host = openScriptedHost();
    const script = buildScript(transaction, "start");
    const first = await host.run(shell, script);
    const calls = host.read("calls");
    mkdirSync(join(host.base, "lock"));
    host.write("home/.circleback/shop/lock/expires", "9999999999\n"); // as while it is at work
    const second = await host.run(shell, script);
    rmSync(join(host.base, "lock"), { recursive: true });
    expect(ending(second.out)).toEqual(ending(first.out));
    expect(host.read("calls").slice(calls.length)).not.toContain("up -d");
  });

  test("begins nothing any more once somebody was told that nothing has begun", async () => {
    const host = openScriptedHost();
    const asked = await host.run(shell, buildScript(transaction, "resume"));
    expect(ending(asked.out)).toMatchObject({ result: "absent" });
    const late = await host.run(shell, buildScript(transaction, "start"));
    expect(ending(late.out)).toMatchObject({ result: "refused", phase: "canceled" });
    expect([existsSync(join(host.base, "lock")), host.read("calls")]).toEqual([
      false,
      expect.not.stringContaining("up -d"),
    ]);
  });
});
