import { chmodSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { startBundle } from "../support/bundle.ts";
import { makeFolder } from "../support/folders.ts";
import { deploy, finish, image2, prepare, type Texts } from "../support/k8s-job.ts";
import { deploymentPath, imageAt, openKubernetes, openWithApi, workload } from "../support/kubernetes.ts";
import { token } from "../support/kubernetes-model/kubernetes-server.ts";

/** The built program with nothing but environment variables, before the model of Kubernetes. */

describe.concurrent("k8s-deploy of an image", () => {
  test("changes one field, waits until it is rolled out, and keeps a record", async () => {
    const server = await openWithApi();
    const { exitCode, stdout, record, leaks } = await deploy(server, { parameters: image2 });
    expect([exitCode, leaks, imageAt(server)]).toEqual([0, [], "registry/api:2"]);
    expect(stdout.replaceAll(server.url, "https://cluster").split("\n")).toEqual([
      "Cluster: https://cluster (the cluster prod), namespace web",
      "deployment/api: container api: registry/api:1 becomes registry/api:2",
      "Changing deployment/api …",
      "deployment/api has not been looked at by its controller yet.",
      "deployment/api has 1 of 2 new pods.",
      "deployment/api is rolled out: 2 of 2 pods are available.",
      "",
    ]);
    expect(server.calls).toEqual([
      "GET deployments/api 200",
      "PATCH deployments/api dryRun 200",
      "PATCH deployments/api 200",
      "GET deployments/api 200",
      "GET deployments/api 200",
      "GET deployments/api 200",
    ]);
    expect(record()).toMatchObject({
      action: "deploy",
      version: "0123456789ab",
      image: "registry/api:2",
      project: "web",
      hosts: [{ host: "deployment/api", result: "deployed", before: "registry/api:1" }],
    });
  });

  test.each(["StatefulSet", "DaemonSet"])("rolls out a %s", async (kind) => {
    const server = await openWithApi(kind);
    const parameters = { ...image2, workload: `${kind.toLowerCase()}/api` };
    const { exitCode, output } = await deploy(server, { parameters });
    expect([exitCode, output]).toEqual([0, expect.stringContaining("/api is rolled out: 2 of 2 pods are")]);
  });

  test("changes the image of a CronJob, and waits for nothing", async () => {
    const server = await openKubernetes();
    const path = "/apis/batch/v1/namespaces/web/cronjobs/nightly";
    const { spec } = workload("registry/api:1");
    const job = { apiVersion: "batch/v1", kind: "CronJob", metadata: { name: "nightly", namespace: "web" } };
    server.write(path, "CronJob", {
      ...job,
      spec: { schedule: "0 3 * * *", jobTemplate: { spec: { template: spec.template } } },
    });
    const { exitCode } = await deploy(server, { parameters: { ...image2, workload: "cronjob/nightly" } });
    expect([exitCode, imageAt(server, path), server.calls.at(-1)]).toEqual([
      0,
      "registry/api:2",
      "PATCH cronjobs/nightly 200",
    ]);
  });

  test("does nothing, and says so, where the image is that one already", async () => {
    const server = await openWithApi();
    const { exitCode, stdout } = await deploy(server, { parameters: { ...image2, image: "registry/api:1" } });
    expect([exitCode, server.calls]).toEqual([0, ["GET deployments/api 200", "GET deployments/api 200"]]);
    expect(stdout).toContain("Nothing is to be changed; whether it is rolled out is looked at all the same.");
  });

  test("changes nothing in a dry run", async () => {
    const server = await openWithApi();
    const { exitCode, stdout } = await deploy(server, { parameters: { ...image2, "dry-run": "true" } });
    expect([exitCode, imageAt(server)]).toEqual([0, "registry/api:1"]);
    expect(stdout).toContain("Dry run: the cluster takes all of it, and nothing was changed.");
  });

  test("comes in with a client certificate", async () => {
    const server = await openWithApi();
    const { certificate, key } = server.client;
    const files = {
      "kube/config": server.kubeconfig.replace(
        /token: .*/,
        "client-certificate: robot.crt\n    client-key: robot.key",
      ),
      "kube/robot.crt": certificate,
      "kube/robot.key": key,
    };
    const { exitCode, leaks } = await deploy(server, {
      parameters: { ...image2, "kubeconfig-path": "kube/config" },
      files,
    });
    expect([exitCode, leaks]).toEqual([0, []]);
  });

  test("reads the token of a kubeconfig from a file beside it", async () => {
    const server = await openWithApi();
    const files = {
      "kube/config": server.kubeconfig.replace(/token: .*/, "tokenFile: the-token"),
      "kube/the-token": `${token}\n`,
    };
    const parameters = { ...image2, "kubeconfig-path": "kube/config" };
    const { exitCode, leaks } = await deploy(server, { parameters, files });
    expect([exitCode, leaks]).toEqual([0, []]);
  });

  test("takes a kubeconfig in base64", async () => {
    const server = await openWithApi();
    const kubeconfig = Buffer.from(server.kubeconfig).toString("base64");
    expect((await deploy(server, { parameters: image2, kubeconfig })).exitCode).toBe(0);
  });

  test("takes its own patch for what it is when only the answer was lost", async () => {
    const server = await openWithApi();
    server.loseAnswer("PATCH deployments/api");
    const { exitCode, output } = await deploy(server, { parameters: image2 });
    expect([exitCode, imageAt(server)]).toEqual([0, "registry/api:2"]);
    expect(output).toContain("trying again");
  });
});

/** A CircleCI program that notes what it is asked for, without the words of a failure. */
function openMarkers() {
  const folder = makeFolder({ circleci: '#!/bin/sh\nfor word; do echo "$word"; done >>"$0.log"\n' });
  chmodSync(join(folder, "circleci"), 0o755);
  const log = join(folder, "circleci.log");
  return {
    env: { PATH: `${folder}:${process.env.PATH}`, CIRCLE_BRANCH: "main" },
    list: () => (existsSync(log) ? (readFileSync(log, "utf8").match(/^(plan|--\w[\w-]*=.*)$/gm) ?? []) : []),
  };
}

const planned = ["plan", "--environment-name=main", "--component-name=api", "--target-version=0123456789ab"];

describe.concurrent("k8s-deploy marks in CircleCI", () => {
  test.each<[string, Texts, readonly string[]]>([
    ["a deploy that is through", image2, [...planned, "--status=RUNNING", "--status=SUCCESS"]],
    [
      "one that fails, with its reason",
      { ...image2, image: "registry/api:broken" },
      [
        ...planned,
        "--status=RUNNING",
        "--status=FAILED",
        "--failure-reason=deployment/api has made no progress within its deadline: 1 of 2 new pods are there, and 2 pods, old or new, are available.",
      ],
    ],
    ["nothing of a dry run", { ...image2, "dry-run": "true" }, []],
  ])("%s", async (_, parameters, marks) => {
    const [server, { env, list }] = [await openWithApi(), openMarkers()];
    await deploy(server, { parameters, env });
    expect(list()).toEqual(marks);
  });

  test.each([
    ["is cancelled", "registry/api:slow", "has 1 of 2 new pods", "--status=CANCELED"],
    [
      "has failed, and is cancelled while that is undone",
      "registry/api:broken",
      "Undoing",
      "--status=FAILED",
    ],
  ])("one that %s", async (_, image, words, mark) => {
    const [server, { env, list }] = [await openWithApi(), openMarkers()];
    const parameters = { ...image2, image };
    const { all, directory } = await prepare(server, { parameters, env });
    const running = await startBundle("k8s-deploy", all, directory);
    await running.untilItSays(words);
    running.child.kill("SIGTERM");
    await running.result;
    expect(list().slice(0, 6)).toEqual([...planned, "--status=RUNNING", mark]);
  });
});

describe.concurrent("k8s-deploy of what does not get well", () => {
  test("puts the image back, with the pod's words, when its container ends again and again", async () => {
    const server = await openWithApi();
    const broken = { ...image2, image: "registry/api:broken" };
    const { exitCode, errorCode, leaks, stdout, stderr, record } = await deploy(server, {
      parameters: broken,
    });
    expect([exitCode, errorCode, leaks, imageAt(server)]).toEqual([1, "deploy.failed", [], "registry/api:1"]);
    expect(stdout).toContain(`Pod api-6d4f-x2x: Pending
  api (registry/api:broken): CrashLoopBackOff: back-off 20s restarting failed container; before: ended with 3: Error
  Failed: Back-off restarting failed container api
  The last lines of api:
    listening
    DATABASE_URL is [secret]
    no such table: api
`);
    expect(
      stderr,
    ).toBe(`Error: deployment/api has made no progress within its deadline: 1 of 2 new pods are there, and 2 pods, old or new, are available.
deployment/api is put back to registry/api:1, and is rolled out: 2 of 2 pods are available. (deploy.failed)
  - Events, and the last lines of what failed, are above.
`);
    expect(record().hosts).toEqual([
      {
        host: "deployment/api",
        result: "rolled-back",
        phase: "rollout",
        release: "",
        before: "registry/api:1",
      },
    ]);
  });

  test("names an image that cannot be pulled", async () => {
    const server = await openWithApi();
    const { exitCode, stdout } = await deploy(server, {
      parameters: { ...image2, image: "registry/api:missing" },
    });
    expect(exitCode).toBe(1);
    expect(stdout).toContain('ImagePullBackOff: Back-off pulling image "registry/api:missing"');
    expect(stdout).toContain('Failed: Failed to pull image "registry/api:missing": not found');
  });

  test("leaves it as it is without rollback, and says so", async () => {
    const server = await openWithApi();
    const broken = { ...image2, image: "registry/api:broken", rollback: "false" };
    const { exitCode, stderr } = await deploy(server, { parameters: broken });
    expect([exitCode, imageAt(server)]).toEqual([1, "registry/api:broken"]);
    expect(stderr).toContain("deployment/api is left as it is now, changed.");
  });

  test("ends with 8, and undoes it, when its time is over first", async () => {
    const server = await openWithApi();
    const slow = { ...image2, image: "registry/api:slow", timeout: "3s" };
    const { exitCode, errorCode, stderr } = await deploy(server, { parameters: slow });
    expect([exitCode, errorCode, imageAt(server)]).toEqual([8, "wait.timeout", "registry/api:1"]);
    expect(stderr).toContain("(after 3 s).");
  });

  test("calls it a timeout also where there was no time at all", async () => {
    const server = await openWithApi();
    const { exitCode, errorCode, stderr } = await deploy(server, {
      parameters: { ...image2, timeout: "0s" },
    });
    expect([exitCode, errorCode, imageAt(server)]).toEqual([8, "wait.timeout", "registry/api:1"]);
    expect(stderr).toContain("deployment/api has not been looked at by its controller yet (after 0 s).");
  });

  test("removes the pod on which a StatefulSet would wait forever", async () => {
    const server = await openWithApi("StatefulSet");
    const slow = { workload: "statefulset/api", image: "registry/api:broken", timeout: "3s" };
    const { exitCode } = await deploy(server, { parameters: slow });
    expect([exitCode, server.calls.filter((call) => call.startsWith("DELETE"))]).toEqual([
      8,
      ["DELETE pods/api-0 200"],
    ]);
  });

  test("puts the image back when the job is cancelled", async () => {
    const server = await openWithApi();
    const { all, directory } = await prepare(server, {
      parameters: { ...image2, image: "registry/api:slow" },
    });
    const running = await startBundle("k8s-deploy", all, directory);
    await running.untilItSays("has 1 of 2 new pods");
    running.child.kill("SIGTERM");
    const { exitCode, errorCode, stderr } = finish(server, directory, await running.result);
    expect([exitCode, errorCode, imageAt(server)]).toEqual([6, "job.canceled", "registry/api:1"]);
    expect(stderr).toContain("This job was cancelled.\ndeployment/api is put back to registry/api:1.");
  });

  test("says that it does not know, when the API server vanishes in the middle", async () => {
    const server = await openWithApi();
    server.vanish({ call: "PATCH deployments/api 200", after: 1 });
    const { exitCode, errorCode, stderr, leaks } = await deploy(server, {
      parameters: { ...image2, timeout: "2s" },
    });
    expect([exitCode, errorCode, leaks]).toEqual([1, "deploy.unknown", []]);
    expect(stderr).toContain(
      "deployment/api cannot be looked at: the API server gives no good answer (after 2 s).",
    );
    expect(stderr).toContain("deployment/api may have been undone or not: the answer was lost (PATCH ");
  });
});

const config = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "settings" },
  data: { level: "info" },
};
const both = { "k8s.yml": `# all of it\n---\n${stringify(config)}---\n${stringify(workload("${IMAGE}"))}` };

describe.concurrent("k8s-deploy of manifests", () => {
  test("creates what is not there, changes what is, and leaves alone what is so already", async () => {
    const server = await openKubernetes();
    const first = await deploy(server, {
      parameters: { manifest: "k8s.yml", image: "registry/api:1" },
      files: both,
    });
    const second = await deploy(server, {
      parameters: { manifest: "k8s.yml", image: "registry/api:2" },
      files: both,
    });
    const third = await deploy(server, {
      parameters: { manifest: "k8s.yml", image: "registry/api:2" },
      files: both,
    });
    expect(
      [first, second, third].map(({ exitCode, stdout }) => [exitCode, stdout.split("\n").slice(1, 3)]),
    ).toEqual([
      [0, ["configmap/settings: is created", "deployment/api: is created"]],
      [0, ["configmap/settings is so already", "deployment/api: is changed"]],
      [0, ["configmap/settings is so already", "deployment/api is so already"]],
    ]);
    expect(imageAt(server)).toBe("registry/api:2");
  });

  test("takes everything back when one of them does not get well: what is new is deleted, what was applied is applied again", async () => {
    const server = await openKubernetes();
    const good = { "k8s.yml": stringify(workload("registry/api:1")) };
    await deploy(server, { parameters: { manifest: "k8s.yml" }, files: good });
    const before = server.read(deploymentPath);
    const { exitCode, stderr, leaks } = await deploy(server, {
      parameters: { manifest: "k8s.yml", image: "registry/api:broken" },
      files: both,
    });
    expect([
      exitCode,
      leaks,
      server.read(deploymentPath),
      server.read("/api/v1/namespaces/web/configmaps/settings"),
    ]).toEqual([1, [], before, null]);
    expect(stderr).toContain(`configmap/settings is deleted again: it was not there before.
deployment/api is put back to what it was, and is rolled out: 2 of 2 pods are available. (deploy.failed)`);
  });

  test("changes nothing when the cluster does not take one of them", async () => {
    const server = await openKubernetes();
    const files = {
      "k8s.yml": `${stringify(config)}---\n${stringify(workload("registry/api:1")).replace("replicas", "replicaz")}`,
    };
    const { exitCode, errorCode, stderr } = await deploy(server, {
      parameters: { manifest: "k8s.yml" },
      files,
    });
    expect([
      exitCode,
      errorCode,
      server.calls.filter((call) => /^PATCH.* 20\d$/.test(call) && !call.includes("dryRun")),
    ]).toEqual([2, "manifest.invalid", []]);
    expect(stderr).toContain(".spec.replicaz: field not declared in schema");
  });

  test("takes no manifest that says a thing twice", async () => {
    const server = await openKubernetes();
    const text = stringify(workload("registry/api:1")).replace(
      "  replicas: 2",
      "  replicas: 2\n  replicas: 3",
    );
    const { exitCode, errorCode, stderr } = await deploy(server, {
      parameters: { manifest: "k8s.yml" },
      files: { "k8s.yml": text },
    });
    expect([exitCode, errorCode, server.read(deploymentPath)]).toEqual([2, "manifest.invalid", null]);
    expect(stderr).toContain("is already set in map");
  });

  test("says that a namespace is missing", async () => {
    const server = await openKubernetes();
    const files = { "k8s.yml": stringify({ ...config, metadata: { name: "settings", namespace: "nope" } }) };
    const { exitCode, errorCode, stderr } = await deploy(server, {
      parameters: { manifest: "k8s.yml" },
      files,
    });
    expect([exitCode, errorCode]).toEqual([2, "manifest.invalid"]);
    expect(stderr).toContain('k8s.yml: namespaces "nope" not found.');
  });

  test("does not repeat a value that the cluster quotes", async () => {
    const server = await openKubernetes();
    const files = { "k8s.yml": stringify(workload("registry/api:1")).replace("DATABASE_URL", "A SECRET=1") };
    const { exitCode, errorCode, output } = await deploy(server, {
      parameters: { manifest: "k8s.yml" },
      files,
    });
    expect([exitCode, errorCode, output.includes("A SECRET")]).toEqual([2, "manifest.invalid", false]);
    expect(output).toContain("env[0].name: Invalid value: a valid environment variable name must consist");
  });

  test("names who else manages a field, takes it over where it is told to, and gives its value back", async () => {
    const server = await openWithApi();
    const files = { "k8s.yml": stringify(workload("registry/api:broken")) };
    const refused = await deploy(server, { parameters: { manifest: "k8s.yml" }, files });
    expect([refused.exitCode, refused.errorCode]).toEqual([1, "field.conflict"]);
    expect(refused.stderr).toContain(
      'conflict with "kubectl" using apps/v1: .spec.template.spec.containers[name="api"].image',
    );
    const before = server.read(deploymentPath);
    const forced = await deploy(server, {
      parameters: { manifest: "k8s.yml", "force-conflicts": "true" },
      files,
    });
    expect([forced.exitCode, forced.errorCode, server.read(deploymentPath)]).toEqual([
      1,
      "deploy.failed",
      before,
    ]);
  });

  test("leaves alone what somebody else has changed meanwhile, and says so", async () => {
    const server = await openKubernetes();
    const path = "/api/v1/namespaces/web/configmaps/settings";
    await deploy(server, { parameters: { manifest: "k8s.yml" }, files: { "k8s.yml": stringify(config) } });
    const changed = stringify({ ...config, data: { level: "warn" } });
    const { all, directory } = await prepare(server, {
      parameters: { manifest: "k8s.yml" },
      files: { "k8s.yml": `${changed}---\n${stringify(workload("registry/api:broken"))}` },
    });
    const running = await startBundle("k8s-deploy", all, directory);
    await running.untilItSays("has 0 of 2 new pods available");
    const theirs = { ...config, metadata: { name: "settings", namespace: "web" }, data: { level: "debug" } };
    server.write(path, "ConfigMap", theirs);
    const { exitCode, stderr } = await running.result;
    expect([exitCode, server.read(path)]).toEqual([1, theirs]);
    expect(stderr).toContain(
      "configmap/settings has been changed by somebody else since, and is left as it is.",
    );
  });

  test("applies into a namespace that the manifest makes itself", async () => {
    const server = await openKubernetes();
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "fresh" } };
    const inside = { ...config, metadata: { name: "settings", namespace: "fresh" } };
    const files = { "k8s.yml": `${stringify(namespace)}---\n${stringify(inside)}` };
    const { exitCode } = await deploy(server, { parameters: { manifest: "k8s.yml" }, files });
    expect([exitCode, server.read("/api/v1/namespaces/fresh/configmaps/settings") === null]).toEqual([
      0,
      false,
    ]);
  });
});

describe.concurrent("k8s-deploy refuses", () => {
  test("a cluster that another authority vouches for, before it sends anything secret", async () => {
    const [server, other] = await Promise.all([openWithApi(), openKubernetes()]);
    const kubeconfig = server.kubeconfig.replace(
      /authority-data: .*/,
      `authority-data: ${Buffer.from(other.authority).toString("base64")}`,
    );
    const { exitCode, errorCode, leaks, stderr } = await deploy(server, { parameters: image2, kubeconfig });
    expect([exitCode, errorCode, leaks, server.calls]).toEqual([3, "cluster.ca-mismatch", [], []]);
    expect(stderr).toContain("does not prove that it is the cluster prod");
  });

  test("a server that is not the one of tls-server-name", async () => {
    const server = await openWithApi();
    const kubeconfig = server.kubeconfig.replace("server:", "tls-server-name: k8s.example\n    server:");
    const { exitCode, errorCode, leaks } = await deploy(server, { parameters: image2, kubeconfig });
    expect([exitCode, errorCode, leaks, server.calls]).toEqual([3, "cluster.ca-mismatch", [], []]);
  });

  test("what it may not do, with verb and resource", async () => {
    const server = await openWithApi();
    server.forbid("patch deployments");
    const { exitCode, errorCode, leaks, stderr } = await deploy(server, { parameters: image2 });
    expect([exitCode, errorCode, leaks]).toEqual([3, "cluster.unauthorized", []]);
    expect(stderr).toContain(
      'Allow it to ci in a Role in web: apiGroups: ["apps"], resources: ["deployments"], verbs: ["patch"].',
    );
  });

  test("to go on with a token that the cluster does not know", async () => {
    const server = await openWithApi();
    server.users.clear();
    const { exitCode, errorCode, leaks } = await deploy(server, { parameters: image2 });
    expect([exitCode, errorCode, leaks]).toEqual([3, "cluster.unauthorized", []]);
  });

  test.each<[string, (text: string) => string, string]>([
    [
      "an exec plug-in",
      (text) => text.replace(/token: .*/, "exec:\n      command: aws"),
      "has an exec plug-in",
    ],
    [
      "a server whose certificate nobody looks at",
      (text) => text.replace("server:", "insecure-skip-tls-verify: true\n    server:"),
      "does not look who the server is",
    ],
    [
      "an auth-provider",
      (text) => text.replace(/token: .*/, "auth-provider:\n      name: gcp"),
      "has an auth-provider",
    ],
    [
      "a user name and a password",
      (text) => text.replace(/token: .*/, "username: admin\n    password: hunter2"),
      "has a user name and password",
    ],
    [
      "to be somebody else",
      (text) => text.replace(/(token: .*)/, "$1\n    as: admin"),
      "acts as somebody else",
    ],
    [
      "a proxy of the kubeconfig's own",
      (text) => text.replace("server:", "proxy-url: http://127.0.0.1:1\n    server:"),
      "goes through a proxy of its own",
    ],
    [
      "a server without TLS",
      (text) => text.replace("https:", "http:"),
      "names a server that is no https address",
    ],
    [
      "a kubeconfig without a token",
      (text) => text.replace(/token: .*/, 'token: ""'),
      "has neither a token nor a client certificate",
    ],
    [
      "a context that is not there",
      (text) => text.replace("current-context: prod", "current-context: test"),
      'has no context "test"',
    ],
  ])("%s", async (_, change, words) => {
    const server = await openWithApi();
    const { exitCode, errorCode, leaks, stderr } = await deploy(server, {
      parameters: image2,
      kubeconfig: change(server.kubeconfig),
    });
    expect([exitCode, errorCode, leaks, server.calls]).toEqual([2, "kubeconfig.invalid", [], []]);
    expect(stderr).toContain(words);
  });

  test.each<[string, Texts, string, string]>([
    [
      "a workload that is not there",
      { workload: "deployment/web", image: "x" },
      "workload.not-found",
      "There is no deployment/web in namespace web",
    ],
    [
      "a container that is not there",
      { ...image2, container: "web" },
      "parameter.invalid",
      "has no container web",
    ],
    ["no workload and no manifest", {}, "parameter.invalid", "Neither `workload` nor `manifest` is given."],
    ["a kind without an image", { workload: "service/api" }, "parameter.invalid", "names no workload"],
  ])("%s", async (_, parameters, code, words) => {
    const server = await openWithApi();
    const { errorCode, stderr } = await deploy(server, { parameters });
    expect([errorCode, stderr]).toEqual([code, expect.stringContaining(words)]);
  });
});
