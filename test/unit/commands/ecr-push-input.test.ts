import { describe, expect, test } from "vitest";
import { push } from "./ecr-push-world.ts";

const movesBy = (rule: string, tag: string, filter: string) =>
  `\`${rule}\` makes the tag \`${tag}\`, which \`${filter}\` of \`moving-tags\` lets move.`;

describe("bad input", () => {
  test("says which variables were looked at where there are no credentials", async () => {
    const env = { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" };
    const { exit, error, calls } = await push({ env });
    expect([exit, error, calls]).toEqual([
      3,
      "Error: There are no credentials for AWS: `role-arn` is empty, and AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set. (aws.unauthorized)",
      [],
    ]);
  });

  test.each([
    ["AWS_ACCESS_KEY_ID", "AKIDEX\u200bAMPLE"],
    ["AWS_SECRET_ACCESS_KEY", "very-secret key"],
    ["AWS_SESSION_TOKEN", "very-secret\ntoken"],
  ])("names %s where something was copied with it", async (variable, value) => {
    const { exit, error, calls } = await push({ env: { [variable]: value } });
    expect([exit, error, calls]).toEqual([
      3,
      `Error: ${variable} has a character in it that no credential of AWS has: a blank, a line break, or one that cannot be seen. (aws.unauthorized)`,
      [],
    ]);
  });

  test("says which variable lacks the token that the role needs", async () => {
    const parameters = { "role-arn": "arn:aws:iam::123456789012:role/ci", "oidc-token": "SHOP_OIDC" };
    const { exit, error, calls } = await push({ parameters });
    expect([exit, error, calls]).toEqual([
      3,
      "Error: There is no token in SHOP_OIDC to assume arn:aws:iam::123456789012:role/ci with. (aws.unauthorized)",
      [],
    ]);
  });

  test.each<readonly [Readonly<Record<string, string>>, string]>([
    [{ repository: "API" }, 'Parameter `repository` is no name of a repository: "API".'],
    [{ repository: "a//b" }, 'Parameter `repository` is no name of a repository: "a//b".'],
    [{ tags: "a b" }, 'Parameter `tags` has a tag that no registry takes: "a b".'],
    [{ tags: ".a" }, 'Parameter `tags` has a tag that no registry takes: ".a".'],
    [
      { tags: "v$(id)-${CIRCLE_SHA1}" },
      'Parameter `tags` has a tag that no registry takes: "v$(id)-${CIRCLE_SHA1}".',
    ],
    [{ tags: "${NOPE}" }, "Parameter `tags` uses ${NOPE}, but there is no environment variable NOPE."],
    [{ tags: " " }, "Parameter `tags` has no tag."],
    [{ tags: "0.1.${EMPTY}" }, 'Parameter `tags` uses ${EMPTY} in "0.1.${EMPTY}", but EMPTY is empty.'],
    [{ tags: "develop" }, "Both `develop` and `branch develop` make the tag `develop`."],
    [{ tags: "1.0\nmaster" }, "Both `master` and `branch master` make the tag `master`."],
    [{ tags: "1.0\n${ODD}" }, "Both `${ODD}` and `branch preprod` make the tag `preprod`."],
    [
      { tags: "1.0\nbuildcache", cache: "registry" },
      "Both `buildcache` and `cache: registry` make the tag `buildcache`.",
    ],
    [
      { "branch-tags": "main=buildcache", cache: "registry" },
      "Both `branch main` and `cache: registry` make the tag `buildcache`.",
    ],
    [
      { "branch-tags": "${ODD}=preprod\ndevelop=x${EMPTY}" },
      'Parameter `branch-tags` uses ${EMPTY} in "x${EMPTY}", but EMPTY is empty.',
    ],
    [
      { repository: "api${EMPTY}" },
      'Parameter `repository` uses ${EMPTY} in "api${EMPTY}", but EMPTY is empty.',
    ],
    [{ tags: "a/b", "branch-tags": "" }, 'Parameter `tags` has a tag that no registry takes: "a/b".'],
    [{ "branch-tags": "develop" }, 'Parameter `branch-tags` has a line that is not branch=tag: "develop".'],
    [{ "branch-tags": "a=x\na=y" }, 'Parameter `branch-tags` names the branch "a" twice.'],
    [{ "moving-tags": "a b" }, 'Parameter `moving-tags` has a line that is no tag: "a b".'],
    [{ tags: "production" }, movesBy("production", "production", "production")],
    [{ tags: "1.0\n${MOVING}" }, movesBy("${MOVING}", "production", "production")],
    [
      { tags: "1.0\nr-${MOVED}", "moving-tags": "r.*\nr-p*n" },
      movesBy("r-${MOVED}", "r-production", "r-p*n"),
    ],
    [{ tags: "1.${ODD}", "moving-tags": "*" }, movesBy("1.${ODD}", "1.-preprod", "*")],
    [{ path: "../other" }, 'Parameter `path` leads out of the checkout: "../other".'],
    [{ path: "a/../../b" }, 'Parameter `path` leads out of the checkout: "../b".'],
    [{ path: "/etc" }, 'Parameter `path` leads out of the checkout: "/etc".'],
    [{ dockerfile: "../../Dockerfile" }, '`dockerfile` leads out of the checkout: "../../Dockerfile".'],
    [{ dockerfile: "/etc/Dockerfile" }, '`dockerfile` leads out of the checkout: "/etc/Dockerfile".'],
    [{ dockerfile: "nope/Dockerfile" }, "There is no Dockerfile ./nope/Dockerfile."],
    [{ "build-args": "TOKEN" }, "Parameter `build-args` has a line that is not NAME=value: line 1."],
    [{ "build-args": "A=1\nA=2" }, "Parameter `build-args` gives A twice."],
    [{ secrets: "npm=HOME\nnpm=HOME" }, "Parameter `secrets` gives the secret `npm` twice."],
    [{ labels: "a=1\na=2" }, "Parameter `labels` gives a twice."],
    [{ secrets: "npm=NOPE" }, "Parameter `secrets` takes the secret `npm` from NOPE, which is not set."],
    [
      { "build-args": "A=1\n\n  very-secret-key-in-lines==\nB" },
      "Parameter `build-args` has a line that is not NAME=value: line 3.",
    ],
    [{ secrets: "npm=x,src=/etc/passwd" }, "Parameter `secrets` has a line that is not id=ENV_NAME: line 1."],
    [{ labels: "a b=hunter2" }, "Parameter `labels` has a line that is not key=value: line 1."],
    [{ labels: "just words" }, "Parameter `labels` has a line that is not key=value: line 1."],
    [{ target: "--push" }, 'Parameter `target` is no name of a stage: "--push".'],
    [{ platforms: "linux" }, 'Parameter `platforms` has something that is no platform: "linux".'],
    [{ region: "Frankfurt" }, 'Parameter `region` is no region of AWS: "Frankfurt".'],
    [{ "account-id": "123" }, 'Parameter `account-id` is no id of an account: "123".'],
    ...[
      "https://x.example",
      "x.example/team",
      "localregistry",
      "x..example",
      "x:70000",
      "-x.example",
      "x.example:",
    ].map(
      (registry) =>
        [{ registry }, `Parameter \`registry\` is no host of a registry: "${registry}".`] as const,
    ),
    [{ "role-arn": "ci" }, 'Parameter `role-arn` is no ARN of a role: "ci".'],
    [{ release: "../x" }, 'Parameter `release` is no name for a release record: "../x".'],
    [
      { "create-repository": "1", "branch-tags": "a=a\nb=b\nc=c\nd=d\ne=e\nf=f" },
      "A new repository would have 7 tags that move; ECR takes 5.",
    ],
  ])("refuses %j before anything is called", async (parameters, message) => {
    const { exit, error, calls } = await push({
      parameters,
      env: { EMPTY: "", ODD: "/preprod", MOVING: "-production", MOVED: "production" },
    });
    expect([exit, error, calls]).toEqual([2, `Error: ${message} (parameter.invalid)`, []]);
  });

  test("lets a tag beside the version move that is written so, and the version of any other form", async () => {
    const parameters = { tags: "1.0\nlatest\nat-${CIRCLE_BRANCH}", "moving-tags": "latest\nat-*\n1-0" };
    const { exit, tags } = await push({ tags: {}, parameters });
    expect([exit, Object.keys(tags)]).toEqual([0, ["1.0", "latest", "at-develop", "develop"]]);
  });

  test("takes one tag for two branches, and the cache's tag where there is no such cache", async () => {
    const parameters = { tags: "1.0\nbuildcache", "branch-tags": "develop=next\npreprod=next" };
    const { exit, host, tags } = await push({ tags: {}, parameters });
    expect([exit, host.lines[4], Object.keys(tags)]).toEqual([
      0,
      "  next        branch develop",
      ["1.0", "buildcache", "next"],
    ]);
  });

  test.each([
    ["AWS_ENDPOINT_URL", "vpce.example", 'is no http or https URL: "vpce.example"'],
    ["AWS_ENDPOINT_URL_ECR", "ftp://vpce.example", 'is no http or https URL: "ftp://vpce.example"'],
    ["AWS_ENDPOINT_URL", "https://x/?a", 'has a query or a fragment: "https://x/?a"'],
  ])("refuses %s=%s before anything is called", async (variable, url, problem) => {
    for (const parameters of [{}, { "dry-run": "1" }]) {
      const { exit, error, calls } = await push({ env: { [variable]: url }, parameters });
      expect([exit, error, calls]).toEqual([2, `Error: ${variable} ${problem}. (parameter.invalid)`, []]);
    }
  });

  test("refuses to guess a region", async () => {
    const { exit, error } = await push({ env: { AWS_REGION: "" } });
    expect([exit, error]).toEqual([
      2,
      "Error: Parameter `region` is empty, and neither AWS_REGION nor AWS_DEFAULT_REGION is set. (parameter.invalid)",
    ]);
  });

  test("says what is missing where no engine answers", async () => {
    const dead = {
      exitCode: 1,
      output:
        '{"Client":{"Version":"28.2.2"},"Server":null}\nCannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    };
    const { exit, host } = await push({ tags: {}, hasBuildx: false, instead: { "docker version": [dead] } });
    expect([exit, host.lines.slice(-3)]).toEqual([
      4,
      [
        "Error: No Docker engine answers: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running? (docker.unreachable)",
        "  - Put the step `setup_remote_docker` before this one, or run the job on a machine executor.",
        "  - Where DOCKER_HOST is set, check that its engine answers: docker version.",
      ],
    ]);
  });

  test("tells of the engine first where it keeps Docker from logging in, too", async () => {
    const silent = { exitCode: 1, output: "no answer within 60 s" };
    const { exit, error } = await push({
      tags: {},
      hasBuildx: false,
      instead: { "docker login": [silent, silent, silent], "docker version": [silent] },
    });
    expect([exit, error]).toEqual([
      4,
      "Error: No Docker engine answers: no answer within 60 s (docker.unreachable)",
    ]);
  });

  test("says what is missing where there is no Docker at all", async () => {
    const { exit, error } = await push({
      tags: {},
      instead: { "docker version": [null], "docker buildx version": [null] },
    });
    expect([exit, error]).toEqual([5, "Error: There is no program `docker` in this job. (docker.missing)"]);
  });

  test("says what needs buildx where there is none", async () => {
    const { exit, error, calls } = await push({
      tags: {},
      hasBuildx: false,
      parameters: { platforms: "linux/amd64,linux/arm64", provenance: "max" },
    });
    expect([exit, error, calls.includes("docker build")]).toEqual([
      2,
      "Error: Docker's plug-in buildx is not in this job, and `platforms` and `provenance: max` cannot do without. (docker.too-old)",
      false,
    ]);
  });

  test("warns of a build argument or label that looks like a credential, and keeps it out of the log", async () => {
    const { exit, host } = await push({
      tags: {},
      env: { NPM_TOKEN: "npm-hush-hush", DEPLOY_SECRET: "deploy-hush" },
      parameters: {
        labels: "team=shop\nbuilt-by=robot ${DEPLOY_SECRET}\ndb=postgres://shop:hunter22@db/shop",
        "build-args": "NPM=${NPM_TOKEN}\nDB_PASSWORD=hunter22\nKEY=AKIAIOSFODNN7EXAMPLE\nMODE=fast",
      },
    });
    const log = host.lines.join("\n");
    expect([exit, log.match(/hush|hunter22|AKIAIOSFODNN7EXAMPLE/), log.match(/Warning: .*? \(/g)]).toEqual([
      0,
      null,
      [
        "Warning: The build argument NPM looks like a credential (",
        "Warning: The build argument DB_PASSWORD looks like a credential (",
        "Warning: The build argument KEY looks like a credential (",
        "Warning: The label built-by looks like a credential (",
        "Warning: The label db looks like a credential (",
      ],
    ]);
    expect(log).toContain("--build-arg MODE=fast");
    expect(log).toContain("--label team=shop");
  });

  test("takes no switch for a credential, and hides none", async () => {
    const { host } = await push({
      tags: {},
      parameters: { "build-args": "OAUTH=1\nUSE_TOKEN=true\nAUTH_PORT=8080" },
    });
    const log = host.lines.join("\n");
    expect(log).not.toMatch(/secret|Warning/);
    expect(log).toContain("--build-arg OAUTH=1 --build-arg USE_TOKEN=true --build-arg AUTH_PORT=8080");
  });

  test("warns of a password in a URL", async () => {
    const { host } = await push({
      tags: {},
      parameters: { "build-args": "DB=postgres://shop:hunter2@db/shop" },
    });
    expect(
      host.lines.join("\n").match(/hunter2|The build argument DB looks like a credential \(by its form\)/g),
    ).toEqual(["The build argument DB looks like a credential (by its form)"]);
  });

  test("hides the secrets of a build that prints them", async () => {
    const { exit, host } = await push({
      tags: {},
      env: { NPM_TOKEN: "hush-hush" },
      parameters: { secrets: "npm=NPM_TOKEN" },
      instead: { "docker buildx build": [{ exitCode: 1, output: "#5 hush-hush" }] },
    });
    expect([exit, host.lines.filter((line) => /hush|\[secret\]/.test(line))]).toEqual([
      1,
      ["#5 [secret]", "Error: docker build ended with exit code 1: #5 [secret] (docker.build-failed)"],
    ]);
  });

  test.each([
    ["npm_0123456789012345678901234567890123456", "has a secret itself for `npm`"],
    ["constructor", "takes the secret `npm` from constructor, which is not set"],
  ])("takes no secret from %s", async (variable, says) => {
    const { exit, host } = await push({ parameters: { secrets: `npm=${variable}` } });
    expect([exit, host.lines[0]]).toEqual([
      2,
      `Error: Parameter \`secrets\` ${says}${says.startsWith("has") ? ", not the name of an environment variable" : ""}. (parameter.invalid)`,
    ]);
    expect(host.lines.join("\n")).not.toContain("npm_0123");
  });

  test("knows no variable of the language", async () => {
    const { exit, error } = await push({ parameters: { tags: "v-${constructor}" } });
    expect([exit, error]).toEqual([
      2,
      "Error: Parameter `tags` uses ${constructor}, but there is no environment variable constructor. (parameter.invalid)",
    ]);
  });
});

const branches = [
  "feature/$(touch pwned)",
  "feature/$(touch${IFS}pwned)",
  "`touch pwned`",
  "it's",
  'say "hi"',
  "a\nb\ntouch pwned",
  "*",
  "--help",
  "-v /:/host",
  "${AWS_SECRET_ACCESS_KEY}",
  "%s%n",
  "\u{1f600}",
  "<<x>>",
  "develop=develop",
  "x".repeat(300),
];

test.each(branches)("takes the branch %j for a text and nothing else", async (branch) => {
  const { exit, commands, tags, host } = await push({
    tags: {},
    env: { CIRCLE_BRANCH: branch },
    parameters: { tags: "0.1.7\n${CIRCLE_BRANCH}", labels: "branch=${CIRCLE_BRANCH}" },
  });
  expect([exit, Object.keys(tags).length]).toEqual([0, 2]);
  for (const tag of Object.keys(tags)) expect(tag).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/);
  const [build] = commands.filter(({ args }) => args[1] === "build").map(({ args }) => args);
  expect(build).toContain(`branch=${branch}`);
  expect(JSON.parse(host.written.get(".circleback/releases/image.json") ?? "").branch).toBe(branch);
});
