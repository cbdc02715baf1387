import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { deploy, image2 } from "../support/k8s-job.ts";
import {
  deploymentPath,
  hiddenValue,
  imageAt,
  openKubernetes,
  openWithApi,
  workload,
} from "../support/kubernetes.ts";

/** What goes wrong around a deploy, and what is said of it then. */

const quick = { ...image2, timeout: "20s" };
const broken = { ...quick, image: "registry/api:broken" };

const proxied = { status: 200, text: "<html>Sign in</html>" };
const late = { status: 504, text: JSON.stringify({ kind: "Status", code: 504, message: "Timeout" }) };

describe.concurrent("a change whose answer is lost", () => {
  test.each([
    ["a proxy answers with a page", proxied],
    ["the server answers that it was too slow", late],
  ])("is found in the workload where %s", async (_, reply) => {
    const server = await openWithApi();
    server.garble("PATCH deployments/api", reply);
    const { exitCode, stdout } = await deploy(server, { parameters: quick });
    expect([exitCode, imageAt(server)]).toEqual([0, "registry/api:2"]);
    expect(stdout).toContain("deployment/api is rolled out");
  });

  test.each(["level: info", "level: debug"])(
    "is found in what is applied, new or not (%s)",
    async (before) => {
      const server = await openKubernetes();
      const text = (data: string) =>
        `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  ${data}\n`;
      const apply = (data: string) =>
        deploy(server, { parameters: { manifest: "a.yml" }, files: { "a.yml": text(data) } });
      if (before === "level: debug") await apply(before);
      server.garble("PATCH configmaps/settings", proxied);
      const { exitCode } = await apply("level: info");
      expect([exitCode, server.read("/api/v1/namespaces/web/configmaps/settings")?.data]).toEqual([
        0,
        { level: "info" },
      ]);
    },
  );

  test("may have taken effect or not where the object cannot be looked at either", async () => {
    const server = await openWithApi();
    server.garble("PATCH deployments/api", proxied);
    server.vanish({ call: "PATCH deployments/api 200", after: 1 });
    const { exitCode, errorCode, stderr } = await deploy(server, { parameters: quick });
    expect([exitCode, errorCode]).toEqual([1, "deploy.unknown"]);
    expect(stderr).toContain("deployment/api may have been changed or not: the answer was lost.");
  });
});

describe.concurrent("a release record that cannot be written", () => {
  const files = { ".circleback/releases/deploy.json/in-the-way": "" };

  test("does not hide that a deploy has failed, and was undone", async () => {
    const server = await openWithApi();
    const { exitCode, errorCode, stderr } = await deploy(server, { parameters: broken, files });
    expect([exitCode, errorCode]).toEqual([1, "deploy.failed"]);
    expect(stderr).toContain("the release record deploy cannot be written (EISDIR");
    expect(stderr).toContain("deployment/api is put back to registry/api:1");
  });

  test("is an error of its own where all else is well", async () => {
    const { exitCode, errorCode, stderr } = await deploy(await openWithApi(), {
      parameters: quick,
      files,
    });
    expect([exitCode, errorCode]).toEqual([2, "file.failed"]);
    expect(stderr).toContain("It is through, but the release record deploy cannot be written");
  });
});

test.concurrent.each(["https", "http"])("does not repeat a password in an %s address", async (protocol) => {
  const server = await openWithApi();
  const kubeconfig = server.kubeconfig.replace("https://", `${protocol}://admin:hunter22@`);
  const { errorCode, output } = await deploy(server, { parameters: quick, kubeconfig });
  expect([errorCode, output.includes("hunter22"), server.calls]).toEqual(["kubeconfig.invalid", false, []]);
  expect(output).toContain("has a user name or password in the server's address");
});

test.concurrent("does not tell the value that a variable had before", async () => {
  const server = await openWithApi();
  const text = stringify(workload("registry/api:broken")).replace(hiddenValue, "postgres://new");
  const parameters = { manifest: "a.yml", "force-conflicts": "true", timeout: "20s" };
  const { errorCode, output } = await deploy(server, { parameters, files: { "a.yml": text } });
  expect([errorCode, output.includes(hiddenValue)]).toEqual(["deploy.failed", false]);
  expect(output).toContain("DATABASE_URL is [secret]");
});

describe.concurrent("a namespace that a manifest makes", () => {
  const namespace = stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name: "fresh" } });
  const inside = stringify({ ...workload("registry/api:2"), metadata: { name: "api", namespace: "fresh" } });

  test("keeps the cluster from checking what is in it, and that is said", async () => {
    const server = await openKubernetes();
    const files = { "a.yml": `${namespace}---\n${inside.replace("replicas", "replicaz")}` };
    const parameters = { manifest: "a.yml", "dry-run": "true" };
    const { exitCode, stdout } = await deploy(server, { parameters, files });
    expect(exitCode).toBe(0);
    expect(stdout).toContain(
      "deployment/api: is created; it cannot be checked before its namespace is there\n",
    );
    expect(stdout).toContain("Dry run: the cluster takes all that it can check, and nothing was changed.");
  });

  test("must come before what is in it", async () => {
    const server = await openKubernetes();
    const { errorCode, stderr } = await deploy(server, {
      parameters: { manifest: "a.yml" },
      files: { "a.yml": `${inside}---\n${namespace}` },
    });
    expect([errorCode, server.read("/api/v1/namespaces/fresh")]).toEqual(["manifest.invalid", null]);
    expect(stderr).toContain("or in a manifest before this one");
  });
});

test.concurrent.each(["delete pods", "list pods"])(
  "puts a StatefulSet back without the right to %s",
  async (deed) => {
    const server = await openWithApi("StatefulSet");
    server.forbid(deed);
    const { exitCode, stderr } = await deploy(server, {
      parameters: { ...broken, workload: "statefulset/api", timeout: "4s" },
    });
    expect([exitCode, imageAt(server, deploymentPath.replace("deployment", "statefulset"))]).toEqual([
      8,
      "registry/api:1",
    ]);
    expect(stderr).toContain(
      "statefulset/api is put back to registry/api:1, but its stuck pods could not be removed (",
    );
    expect(stderr).toContain(`cannot ${deed.replace(" ", ' resource "')}"`);
  },
);
