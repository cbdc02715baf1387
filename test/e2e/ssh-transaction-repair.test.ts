import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fillText, noText } from "../../src/rollout/filled-text.ts";
import { buildScript, type Transaction } from "../../src/rollout/script.ts";
import { type Shell, shells } from "../support/shells.ts";
import { ending, openScriptedHost, transaction } from "../support/ssh/scripted-host.ts";

/** What a host makes of a transaction that was cut off or went wrong in an odd way, with a Docker that only notes. */

type ScriptedHost = ReturnType<typeof openScriptedHost>;

const release = (number: number, more: Partial<Transaction> = {}): Transaction => ({
  ...transaction,
  id: `00000000000${number}`,
  image: `registry.example/shop@sha256:${number}`,
  version: `0.1.${number}`,
  runOnce: noText,
  registry: null,
  ...more,
});

const named = (number: number, image: string) => release(number, { image });

async function deploy(host: ScriptedHost, shell: Shell, what: Transaction): Promise<string> {
  return (await host.run(shell, buildScript(what, "start"))).out;
}

/** As when the machine goes off: the transaction is gone, and its lock is left behind. */
const killed = 'kill -9 "$(cat "$HOME/.circleback/shop/lock/pid")"; exit 1';

describe.each(shells)("in $name, a host", (shell) => {
  test.each([
    ["the registry has no such image", "pull", "exit 1"],
    ["the engine is down for good", "pull", "touch $folder/down; exit 1"],
  ])("restores what an interrupted deploy has left, where %s", async (_, phase, onPull) => {
    const host = openScriptedHost();
    await deploy(host, shell, release(1));
    host.onUp(killed);
    expect(ending(await deploy(host, shell, release(2)))).toMatchObject({ result: "died" });
    expect(host.running()).toBe("web sha256:2 registry.example/shop@sha256:2");
    host.onUp("");
    host.write("on-pull", onPull);
    const script = buildScript(release(3), "start").replace("restore_limit='300'", "restore_limit='2'");
    const { out } = await host.run(shell, script);
    const isDown = host.read("on-pull") !== "exit 1";
    expect(ending(out)).toMatchObject({ result: isDown ? "broken" : "rolled-back", phase, before: "0.1.1" });
    expect(host.running()).toBe(
      `web sha256:${isDown ? 2 : 1} registry.example/shop@sha256:${isDown ? 2 : 1}`,
    );
    const kept = readdirSync(host.base).filter((name) => name.startsWith("before"));
    expect(kept).toEqual(isDown ? [`before.${host.current()}`] : []);
  });

  test("restores what was found, where the first deploy was interrupted and the next file is invalid", async () => {
    const host = openScriptedHost();
    host.onUp(killed);
    await deploy(host, shell, release(1));
    host.onUp("");
    const upload = { text: "services: {}\n", sum: "0" };
    const out = await deploy(host, shell, release(2, { compose: upload }));
    expect(ending(out)).toMatchObject({ result: "rolled-back", phase: "upload", before: "what ran before" });
    expect(host.running()).toBe("web sha256:0 registry.example/shop:0");
  });

  test.each([
    ["the next file is not what was sent", { compose: { text: "services: {}\n", sum: "0" } }],
    ["a rollback comes next", { mode: "rollback", compose: null, image: "", version: "" }],
  ] as const)("takes down what the first deploy left half done, where %s", async (_, next) => {
    const host = openScriptedHost();
    host.write("running", "");
    host.onUp(killed);
    await deploy(host, shell, release(1));
    host.onUp("");
    expect(ending(await deploy(host, shell, release(2, next)))).toMatchObject({ result: "taken-down" });
    expect(host.running()).toBe("");
  });

  test("ends what an interrupted deploy runs once, before it runs its own", async () => {
    const host = openScriptedHost();
    host.write("on-run", killed);
    const migrating = { runOnce: fillText("web ./migrate", {}) };
    await deploy(host, shell, release(1, migrating));
    host.write("on-run", "");
    host.write("one-offs", "o1\n");
    expect(ending(await deploy(host, shell, release(2, migrating)))).toMatchObject({ result: "deployed" });
    expect(host.read("calls")).toMatch(/ -T web .*docker rm -f o1\n.* -T web /s);
  });

  test.each([
    ["looks once more", "$folder/asked", "deployed", "health"],
    ["restores", "$folder/never", "rolled-back", "engine"],
  ])("%s where Docker does not say what runs now", async (_, asked, result, phase) => {
    const host = openScriptedHost();
    // Of what is well, and later of which images they are.
    host.write(
      "on-docker",
      `case "$*" in
  "inspect -f {{.ID"*) [ -e $folder/looked ] || { touch $folder/looked; exit 1; } ;;
  "inspect "*.Config.Image*) [ ! -e $folder/looked ] || [ -e ${asked} ] || [ -e $folder/restoring ] || { touch $folder/asked; exit 1; } ;;
esac`,
    );
    host.onUp("case $IMAGE in *1) ;; *) touch $folder/restoring ;; esac");
    const out = await deploy(host, shell, release(1));
    expect(ending(out)).toMatchObject({ result, phase });
  });

  test("says so where nothing runs the image that was deployed", async () => {
    const host = openScriptedHost();
    host.onUp("echo web sha256:0 registry.example/shop:0 >$folder/running");
    const out = await deploy(host, shell, release(1));
    expect(out).toContain(
      "|No container runs registry.example/shop@sha256:1: does the Compose file say image: ${IMAGE}?\n",
    );
    expect(ending(out)).toMatchObject({ result: "deployed" });
  });

  test("rolls back to the current release, where the deploy after it was interrupted, and does a rollback again", async () => {
    const host = openScriptedHost();
    await deploy(host, shell, release(1));
    await deploy(host, shell, release(2));
    host.onUp(killed);
    await deploy(host, shell, release(3));
    host.onUp("");
    const back = { mode: "rollback", compose: null, image: "", version: "" } as const;
    const out = await deploy(host, shell, release(4, back));
    expect(ending(out)).toMatchObject({ result: "deployed", now: "0.1.2" });
    expect(host.running()).toBe("web sha256:2 registry.example/shop@sha256:2");
    host.onUp(killed);
    await deploy(host, shell, release(5, back));
    host.onUp("");
    const again = await deploy(host, shell, release(6, back));
    expect(ending(again)).toMatchObject({ result: "deployed", now: "0.1.1" });
    expect(readdirSync(host.base).sort()).toEqual(["current", "history.jsonl", "releases", "runs"]);
    const unknown = await deploy(host, shell, release(7, { ...back, want: "9.9" }));
    expect(ending(unknown)).toMatchObject({ result: "unchanged", phase: "release", now: "", image: "" });
  });

  test.each([
    ["writes down what runs", "", "deployed"],
    ["restores", "case $IMAGE in *1) exit 1 ;; esac", "rolled-back"],
  ])("%s also on a disk that the pull has filled", async (_, onUp, result) => {
    const host = openScriptedHost();
    host.write("on-pull", 'dd if=/dev/zero of="$HOME/fill" bs=1k 2>/dev/null || :');
    host.onUp(onUp);
    const { out } = await host.run(shell, buildScript(release(1), "start"), "256k");
    expect(ending(out)).toMatchObject({ result });
  });

  test("goes back to the release that was finished, where only the tidying up after it was cut off", async () => {
    const host = openScriptedHost();
    await deploy(host, shell, release(1));
    // Killed by the very command that comes after the new release has become the current one.
    const script = buildScript(release(2), "start");
    const cut = `mv() { command mv "$@"; case "$2" in */current) ${killed} ;; esac; }\n${script}`;
    expect(ending((await host.run(shell, cut)).out)).toMatchObject({ result: "died" });
    host.onUp("case $IMAGE in *3) exit 1 ;; esac");
    const out = await deploy(host, shell, release(3));
    expect(ending(out)).toMatchObject({ result: "rolled-back", before: "0.1.2" });
    expect(out).not.toContain("cut off");
    expect(host.running()).toBe("web sha256:2 registry.example/shop@sha256:2");
  });

  test("judges services by their state, whatever their names end in", async () => {
    const host = openScriptedHost();
    host.write("services", "db-wait\nnot-bad\n");
    // What was left of a service that is in none of the profiles now is no part of the release.
    host.write(
      "states",
      "c1 db-wait exited 0 0 - 2026\nc2 not-bad running 0 0 healthy 2026\nc3 debug exited 137 0 - 2026\n",
    );
    expect(ending(await deploy(host, shell, release(1)))).toMatchObject({ result: "deployed" });
  });

  test("changes nothing where Docker does not say what runs", async () => {
    const host = openScriptedHost();
    host.write("on-docker", 'case "$*" in "inspect "*.Config.Image*) exit 1 ;; esac');
    const out = await deploy(host, shell, release(1));
    expect(ending(out)).toMatchObject({ result: "unchanged", phase: "prepare" });
    expect(host.read("calls")).not.toMatch(/ up | down /);
  });

  test("ends what is run once when its time is over, before it restores", async () => {
    const host = openScriptedHost();
    await deploy(host, shell, release(1));
    host.write("on-run", "trap '' TERM; sleep 30 & wait; sleep 30");
    const slow = release(2, {
      runOnce: fillText("web ./migrate", {}),
      limits: { ...transaction.limits, total: 2_000 },
    });
    const script = buildScript(slow, "start").replace("-k 10", "-k 1");
    const { out } = await host.run(shell, script);
    expect(out).toContain("Out of time.");
    expect(ending(out)).toMatchObject({ result: "rolled-back", phase: "run-once" });
    const [, after = ""] = host.read("calls").split("run --name shop-run-000000000002 --rm -T web ./migrate");
    expect(after).toMatch(/docker rm -f shop-run-000000000002\n.* up -d/s);
  });

  test("knows a tag that means another image as another release, and goes back to what it meant", async () => {
    const host = openScriptedHost();
    const image = "registry.example/shop:latest";
    for (const number of [1, 2]) {
      host.write("tags/shop:latest", `sha256:${number}\n`);
      await deploy(host, shell, named(number, image));
    }
    const back = { ...release(3), mode: "rollback", compose: null, image: "", version: "" } as const;
    expect(ending(await deploy(host, shell, { ...back, want: "0.1.1" }))).toMatchObject({ now: "0.1.1" });
    expect(host.running()).toBe(`web sha256:1 ${image}`);
    const again = { ...back, id: "000000000004", want: "0.1.2" };
    expect(ending(await deploy(host, shell, again))).toMatchObject({ result: "deployed", now: "0.1.2" });
    expect(host.running()).toBe(`web sha256:2 ${image}`);
  });

  test("takes the same release over again for the same", async () => {
    const host = openScriptedHost();
    await deploy(host, shell, release(1));
    await deploy(host, shell, { ...release(1), id: "000000000002" });
    expect(host.current()).toMatch(/-000000000001$/);
  });

  test("restores also in a home with a blank and an @ in its name, and removes no image by a tag", async () => {
    const host = openScriptedHost({ home: "a home@work" });
    await deploy(host, shell, release(1));
    host.onUp("case $IMAGE in *:9) exit 1 ;; esac");
    const out = await deploy(host, shell, named(2, "registry.example/shop:9"));
    expect(ending(out)).toMatchObject({ result: "rolled-back", before: "0.1.1" });
    expect(host.running()).toBe("web sha256:1 registry.example/shop@sha256:1");
    expect(host.read("calls")).not.toContain("image rm");
  });

  test("takes a lock that is let go in the moment in which it is asked for", async () => {
    const host = openScriptedHost();
    const late = `mkdir() {
  case $*$late in */lock) late=1; return 1 ;; esac
  command mkdir "$@"
}
late=
${buildScript(release(1), "start")}`;
    const { out } = await host.run(shell, late);
    expect(ending(out)).toMatchObject({ result: "deployed" });
  });

  test("has the number of a process in its lock at any time", async () => {
    const host = openScriptedHost();
    const look = `sh() {
  case $2 in *PPID*) cat "$lock/pid" >${host.folder}/seen ;; esac
  command sh "$@"
}
${buildScript(release(1), "start")}`;
    await host.run(shell, look);
    expect(host.read("seen")).toMatch(/^\d+\n$/);
  });

  test("has no login any more once it has pulled", async () => {
    const host = openScriptedHost();
    const look = 'ls "$HOME/.circleback/shop" >>$folder/seen';
    host.write("on-pull", look);
    host.write("on-run", look);
    const again = release(1, { runOnce: transaction.runOnce, registry: transaction.registry });
    await deploy(host, shell, again);
    const logins = host
      .read("seen")
      .split("\n")
      .filter((name) => name.startsWith("login."));
    expect([logins, host.read("password")]).toEqual([["login.000000000001"], "hunter2"]);
  });

  test("breaks no lock that another has broken and taken since it was looked at", async () => {
    const host = openScriptedHost();
    const lock = (expires: string, who: string) =>
      `mkdir -p "$HOME/.circleback/shop/lock"; echo ${expires} >"$HOME/.circleback/shop/lock/expires"; echo "${who}" >"$HOME/.circleback/shop/lock/who"; echo soon >"$HOME/.circleback/shop/lock/until"`;
    const overtaken = `${lock("1", "ann")}
mkdir() {
  case $* in *lock.break) ${lock("9999999999", "bob").replace("mkdir", "command mkdir")} ;; esac
  command mkdir "$@"
}
${buildScript(release(1), "start")}`;
    const { out } = await host.run(shell, overtaken);
    expect(ending(out)).toMatchObject({ result: "refused", phase: "lock" });
    expect(out).toContain("The lock is held by bob, until soon at the latest.");
    expect(out).not.toContain("Broke the lock");
    expect(readdirSync(host.base).sort()).toEqual(["lock", "releases", "runs"]);
  });

  test("waits no longer than it may for a lock that cannot be broken", async () => {
    const host = openScriptedHost();
    const stale = `mkdir -p "$HOME/.circleback/shop/lock"; echo 1 >"$HOME/.circleback/shop/lock/expires"
mkdir() {
  case $* in
    *lock.break) tries=x$tries; [ "$tries" != xxx ] || exit; return 1 ;;
  esac
  command mkdir "$@"
}
tries=
${buildScript(release(1), "start")}`;
    const { out } = await host.run(shell, stale);
    expect(ending(out)).toMatchObject({ result: "refused", phase: "lock" });
  });

  test("says so where what was restored is not what ran before", async () => {
    const host = openScriptedHost();
    await deploy(host, shell, release(1));
    host.onUp("case $IMAGE in *2) exit 1 ;; *) echo web sha256:9 elsewhere >$folder/running ;; esac");
    const out = await deploy(host, shell, release(2));
    expect(ending(out)).toMatchObject({ result: "broken", phase: "up", before: "0.1.1" });
    expect(out).toContain("|What runs now is not what ran before:\n@000000000002|web sha256:9 elsewhere\n");
  });

  test("takes over what runs without a word of where its file is, and says which files it does not keep", async () => {
    const host = openScriptedHost();
    host.write("config-files", "\n");
    host.onUp("case $IMAGE in *1) exit 1 ;; esac");
    expect(ending(await deploy(host, shell, release(1)))).toMatchObject({ result: "rolled-back" });
    host.write("config-files", "/a.yml,/b.yml\n");
    expect(await deploy(host, shell, release(2))).toContain(
      "What runs came from /a.yml,/b.yml: a rollback has its images and the first file, not its variables.",
    );
  });

  test("is done before its lock runs out, however slowly Docker answers", async () => {
    const host = openScriptedHost();
    await deploy(host, shell, release(1));
    await deploy(host, shell, release(2));
    // An image that is gone is pulled again, with no more time than is left.
    host.write("on-docker", 'case "$*" in "image inspect"*) sleep 2; exit 1 ;; "pull "*) sleep 30 ;; esac');
    const back = { ...release(3), mode: "rollback", compose: null, image: "", version: "" } as const;
    const started = Date.now();
    const slow = { ...back, want: "0.1.1", limits: { ...transaction.limits, total: 4_000 } };
    const out = await deploy(host, shell, slow);
    expect(out).toContain("Out of time.");
    expect(ending(out)).toMatchObject({ result: "unchanged", phase: "pull" });
    expect(Date.now() - started).toBeLessThan(20_000);
  });
});
