import { existsSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { hasRegistry, hasSshHosts } from "../support/delivery.ts";
import { composeText, type Project } from "../support/ssh/project.ts";
import { openSite, type Site } from "../support/ssh/site.ts";
import { composePlugin } from "../support/ssh/ssh-host.ts";

/** What people write, and get a clear answer to, while the old release runs on. */

const canDeploy = [hasSshHosts(), hasRegistry()].every(Boolean);
const timeout = 240_000; // a deploy is a dozen processes, and several go on at once
const unknown = `sha256:${"0".repeat(64)}`;

describe.runIf(canDeploy)("a deploy with bad input", { timeout }, () => {
  let site: Site;
  let project: Project;
  beforeAll(async () => {
    site = await openSite({});
    project = await site.projectWithOld("shop");
  }, 60_000);

  test.for([
    ["a host without a user", { hosts: "main: 10.0.0.1" }, 2, "parameter.invalid", 'no host in "10.0.0.1"'],
    [
      "a port that is none",
      { hosts: "main: deploy@host:99999" },
      2,
      "parameter.invalid",
      "deploy@host:99999",
    ],
    [
      "an option of ssh for a host",
      { hosts: "-oProxyCommand=touch$IFS/tmp/x@host" },
      2,
      "parameter.invalid",
      "no host in",
    ],
    ["a variable that is not there", { hosts: "main: deploy@${NOBODY}" }, 2, "parameter.invalid", "NOBODY"],
    [
      "no host for the branch",
      { hosts: "develop: deploy@host", "require-host": "1" },
      5,
      "host.not-found",
      "main",
    ],
    ["a line of env that sets nothing", { env: "not a line" }, 2, "parameter.invalid", "sets no variable"],
    ["an image that is none", { image: "not an image" }, 2, "parameter.invalid", 'no image: "not an image"'],
    [
      "no Compose file in the checkout",
      { "compose-file": "elsewhere.yml" },
      2,
      "parameter.invalid",
      "no Compose file elsewhere.yml",
    ],
    [
      "no Compose file on the host",
      { "remote-path": "/no/such/file.yml" },
      1,
      "deploy.failed",
      "before anything changed",
    ],
    [
      "a service that does not exist",
      { services: "web mail" },
      2,
      "compose.invalid",
      "before anything changed",
    ],
    [
      "a registry that nobody is",
      { image: `127.0.0.1:1/shop@${unknown}` },
      3,
      "registry.unauthorized",
      "before anything changed",
    ],
    [
      "an image that is not in the registry",
      null,
      1,
      "deploy.failed",
      "failed (pull) before anything changed",
    ],
  ] as const)("is told of %s, and nothing changes", async ([, parameters, code, error, words]) => {
    const { exitCode, errorCode, stderr } = await project.deploy(
      parameters === null ? unknown : "new",
      parameters ?? {},
    );
    expect([exitCode, errorCode]).toEqual([code, error]);
    expect(stderr).toContain(words);
    expect(await project.remains()).toEqual({ runs: ["old"], traces: [] });
  });

  test("in its Compose file is told what Compose says, and nothing changed", async () => {
    const invalid = site.project("shop", { compose: composeText("volume: nothing") });
    const { exitCode, errorCode, stdout } = await invalid.deploy("new");
    expect([exitCode, errorCode]).toEqual([2, "compose.invalid"]);
    expect(stdout).toMatch(/volume/);
    expect(await project.remains()).toEqual({ runs: ["old"], traces: [] });
  });

  test("for a branch that no line is for ends well, and says so", async () => {
    const { exitCode, stdout } = await project.deploy("new", { hosts: "develop: deploy@host" });
    expect([exitCode, stdout]).toEqual([0, "No line of `hosts` is for main: there is nothing to do.\n"]);
  });
});

describe.runIf(canDeploy).concurrent("values of `env`", { timeout }, () => {
  const values: Readonly<Record<string, string>> = {
    QUOTES: `it's "quoted"`,
    SHELL_WORDS: "$HOME ${HOME} $(id) `id` \\ \\n %s %d 100% ; & | > # ! * ? ~ [a]",
    LINES: "one\ntwo\r\n\n\t three",
    BLANKS: "  leading and trailing  ",
    UNICODE: "Grüße, 世界",
    EMPTY: "",
    DOLLARS: "$$ $1 $",
  };
  /** As a line of `env` has them, with no variable of the job. */
  const written = { WRITTEN: `it's "quoted" $HOME $(id) \`id\` \\ % #`, EQUALS: "a = b" };
  const names = [...Object.keys(values), ...Object.keys(written)];
  const compose = `${composeText().trimEnd()}
  values:
    image: "\${IMAGE}"
    network_mode: none
    environment: [${names.join(", ")}]
  interpolated:
    image: "\${IMAGE}"
    network_mode: none
    environment:
${names.map((name) => `      ${name}: "\${${name}}"\n`).join("")}`;

  const kinds = ["docker-compose", ...(existsSync(composePlugin) ? (["plugin"] as const) : [])] as const;
  test.for(kinds)("arrive byte for byte, with %s", async (kind) => {
    const site = await openSite({ compose: kind });
    const project = site.project("values", { compose });
    const lines = [
      "SECRET_WORD",
      ...Object.keys(values),
      ...Object.entries(written).map(([name, value]) => `${name}=${value}`),
    ];
    const parameters = { env: lines.join("\n") };
    const { exitCode, stdout, stderr } = await project.deploy("new", parameters, { env: values });
    expect([exitCode, exitCode === 0 ? "" : `${stdout}${stderr}`]).toEqual([0, ""]);
    const engine = site.hosts[0]?.engine ?? expect.fail("no engine");
    const expected = Object.entries({ ...values, ...written }).map(([key, value]) => `${key}=${value}`);
    for (const service of ["values", "interpolated"]) {
      const id = await engine.docker(["ps", "-q", "--filter", `label=com.docker.compose.service=${service}`]);
      const seen = await engine.docker(["inspect", "--format", "{{json .Config.Env}}", id.trim()]);
      expect([service, JSON.parse(seen)]).toEqual([service, expect.arrayContaining(expected)]);
    }
    expect((await project.remains()).traces).toEqual([]);
  });
});
