import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { text } from "node:stream/consumers";
import { fillText, noText } from "../../../src/rollout/filled-text.ts";
import type { Transaction } from "../../../src/rollout/script.ts";
import { makeFolder } from "../folders.ts";
import type { Shell } from "../shells.ts";
import { addScript } from "../toolbox.ts";

const composeFile = "services: {}\n";

export const transaction: Transaction = {
  id: "0123456789ab",
  mode: "deploy",
  project: "shop",
  compose: { text: composeFile, sum: createHash("sha256").update(composeFile).digest("hex") },
  variables: [{ name: "SECRET", value: 'it\'s "a" $secret\n`', isSecret: true }],
  image: "registry.example/shop@sha256:1",
  version: "0.1.1",
  services: [],
  runOnce: fillText("web ./migrate *", {}),
  registry: { registry: "registry.example", user: "AWS", password: "hunter2" },
  probeUrl: noText,
  want: "",
  expectCurrent: "",
  keep: 5,
  limits: { total: 60_000, lockWait: 0, probe: 10_000 },
  job: { workflow: "workflow-1", who: "bot (job 7)", record: { by: "bot" } },
};

/**
 * A host for the script alone: a home, and a Docker with one service `web` that notes what it is told and knows which
 * image runs. What a tag means is in the folder `tags`.
 */
export function openScriptedHost({ home: homeName = "home" } = {}) {
  const folder = makeFolder();
  const [home, tools] = [join(folder, homeName), join(folder, "tools")];
  for (const path of [home, tools, join(folder, "tags")]) mkdirSync(path);
  const write = (name: string, content: string) =>
    writeFileSync(join(folder, name), content.replaceAll("$folder", folder));
  addScript(
    tools,
    "docker",
    `echo "docker $*" >>${folder}/calls
[ ! -e ${folder}/down ] || { echo "Cannot connect to the Docker daemon" >&2; exit 1; }
. ${folder}/on-docker
case "$*" in
  "compose "*) exit 1 ;;
  *--password-stdin*) cat >${folder}/password ;;
  "version "*) echo 20.10 ;;
  "ps "*oneoff=True*) cat ${folder}/one-offs ;;
  "ps "*) [ ! -s ${folder}/running ] || echo c1 ;;
  "rm -f c1") : >${folder}/running ;;
  "tag "*) echo "$2" >"${folder}/tags/\${3##*/}" ;;
  "inspect "*compose.service*.Config.Image*) cat ${folder}/running ;;
  "inspect "*config_files*) cat ${folder}/config-files ;;
  "inspect "*working_dir*) echo ${folder} ;;
  "inspect -f {{.ID"*) cat ${folder}/states ;;
esac`,
  );
  addScript(
    tools,
    "docker-compose",
    `echo "compose $* SECRET=$SECRET" >>${folder}/calls
case "$*" in
  *--services) cat ${folder}/services ;;
  *) [ ! -e ${folder}/down ] || exit 1 ;;
esac
case "$*" in
  *" pull "*) . ${folder}/on-pull ;;
  *" run "*) . ${folder}/on-run ;;
  *" up "*)
    name=$IMAGE
    for file; do case $file in *images.yml) [ -s "$file" ] || exit 1; name=$(sed -n 's/.*image: "\\(.*\\)"/\\1/p' "$file") ;; esac; done
    id=sha256:\${name##*:}
    [ ! -e "${folder}/tags/\${name##*/}" ] || id=$(cat "${folder}/tags/\${name##*/}")
    echo "web $id $name" >${folder}/running
    tr '\\0' '\\n' </proc/$$/environ >${folder}/environment
    . ${folder}/on-up ;;
esac`,
  );
  for (const name of ["on-docker", "on-pull", "on-run", "on-up"]) write(name, "");
  write("services", "web\n");
  write("one-offs", "");
  write("running", "web sha256:0 registry.example/shop:0\n");
  write("states", "c1 web running 0 0 healthy 2026\n");
  write("config-files", "/nowhere/compose.yml\n");
  const read = (name: string) =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : "";
  const base = join(home, ".circleback/shop");
  return {
    base,
    folder,
    /** What happens when Compose is told `up`: shell text; `down` there is an engine that is down. */
    onUp: (content: string) => write("on-up", content),
    write,
    read,
    running: () => read("running").trim(),
    current: () => basename(readFileSync(join(base, "current"), "utf8").trim()),
    /** With a size, the home is a disk of its own that has no more room, and is gone afterwards. */
    run: async ({ argv: [program, ...args] }: Shell, script: string, size = "") => {
      rmSync(join(tools, "sh"), { force: true });
      symlinkSync(program, join(tools, "sh")); // what the host calls sh is this very shell
      const disk = `mount -t tmpfs -o size=${size} tmpfs ${home} && exec "$@"`;
      const [first = "", ...rest] = [
        ...(size === "" ? [] : ["unshare", "--mount", "sh", "-c", disk, "sh"]),
        program,
        ...args.filter((arg) => arg === "ash"),
      ];
      const child = spawn(first, rest, { env: { HOME: home, PATH: `${tools}:${process.env.PATH}` } });
      child.stdin.on("error", () => {});
      child.stdin.end(script);
      const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
      return { out, err };
    },
  };
}

/** The last word of a host, whatever the transaction is called. */
export const ending = (out: string) => JSON.parse(/^@\w{12}=(.*)$/m.exec(out)?.[1] ?? "null");
