import { existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cacheFolder } from "../support/cache.ts";
import { deliver, packNode, pinTo, startMirror } from "../support/node-mirror.ts";
import { runStep, Sandbox } from "../support/orb-step.ts";
import { available } from "../support/require.ts";
import { parameterVariables } from "../support/service.ts";
import { bash } from "../support/shells.ts";
import { makeToolbox } from "../support/toolbox.ts";

const nodeOf = (version: string) => join(cacheFolder, "nodes", version, "bin/node");

function hasNode(version: string): boolean {
  const path = nodeOf(version);
  return available(`node@${version}`, () => (existsSync(path) ? null : `${path} is missing`));
}

/** A PATH with this Node and what the scripts need, and no other Node. */
function pathWith(sandbox: Sandbox, version: string): string {
  const folder = makeToolbox(join(sandbox.folder, "bin"), ["curl", "sha256sum"]);
  symlinkSync(nodeOf(version), join(folder, "node"));
  return folder;
}

const scripts = join(import.meta.dirname, "../../orb/scripts");
const bundles = readdirSync(scripts).filter((file) => file.endsWith(".cjs"));
const hasBundles = available("the built commands", () =>
  bundles.length > 0 ? null : `${scripts} has none, npm run build makes them`,
);
const bundle = (name: string) => readFileSync(join(scripts, name), "utf8");

// 22.23.2 is the one that install-node.sh installs.
const fitting = ["18.0.0", "18.20.8", "20.20.2", "22.23.2", "24.20.0"].filter(hasNode);

describe.each(fitting)("run.sh with Node %s on PATH", (version) => {
  test("uses it", async () => {
    using sandbox = new Sandbox();
    const result = await runStep(bash, sandbox, "console.log(process.version); process.exitCode = 5", {
      PATH: pathWith(sandbox, version),
      CIRCLEBACK_PARAM_INSTALL_NODE: "0",
    });
    expect(result).toEqual({ code: 5, signal: null, stdout: `v${version}\n`, stderr: "" });
  });

  test.runIf(hasBundles).each(bundles)("%s reads its parameters", async (name) => {
    using sandbox = new Sandbox();
    const result = await runStep(bash, sandbox, bundle(name), { PATH: pathWith(sandbox, version) });
    expect({ code: result.code, stdout: result.stdout }).toEqual({ code: 2, stdout: "" });
    expect(result.stderr).toContain("(parameter.invalid)");
  });

  test.runIf(bundles.includes("trigger-and-wait.cjs"))("trigger-and-wait.cjs talks to the API", async () => {
    using sandbox = new Sandbox();
    const requests: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      requests.push(`${request.method} ${request.url}`);
      response.writeHead(request.url?.endsWith("/me") ? 401 : 404).end(`{"message":"Project not found"}`);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const id = "6f1b1a0e-0b8a-4c7e-9a1c-0d8f9f0f3a11";
    const result = await runStep(bash, sandbox, bundle("trigger-and-wait.cjs"), {
      PATH: pathWith(sandbox, version),
      CIRCLE_HOST: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      CIRCLE_TOKEN: "a-bad-token",
      CIRCLE_JOB: "trigger",
      CIRCLE_WORKFLOW_ID: id,
      CIRCLE_PIPELINE_ID: id,
      CIRCLE_WORKFLOW_JOB_ID: id,
      ...(await parameterVariables("trigger-and-wait", { project: "gh/acme/app" })),
    });
    await new Promise((resolve) => server.close(resolve));
    expect(result.code).toBe(3);
    expect(result.stderr).toContain("(circleci.unauthorized)");
    expect(result.stderr).not.toContain("a-bad-token");
    expect(requests).toEqual([`GET /api/v2/workflow/${id}`, "GET /api/v2/me"]);
  });
});

describe.runIf(hasNode("16.20.2"))("run.sh with Node 16.20.2 on PATH", () => {
  test("refuses it when install-node is false", async () => {
    using sandbox = new Sandbox();
    const env = { PATH: pathWith(sandbox, "16.20.2"), CIRCLEBACK_PARAM_INSTALL_NODE: "0" };
    expect(await runStep(bash, sandbox, "console.log(process.version)", env)).toEqual({
      code: 2,
      signal: null,
      stdout: "",
      stderr:
        "Error: circleback needs Node.js 18 or later (found: v16.20.2), and install-node is false.\n" +
        "  - Use an image that has it, such as cimg/node, or set install-node to true.\n",
    });
  });

  test("replaces it for its own program otherwise", async () => {
    using sandbox = new Sandbox();
    const archive = packNode(`#!/bin/sh\nexec '${process.execPath}' "$@"\n`);
    await using mirror = await startMirror(deliver(archive));
    const result = await runStep(bash, sandbox, "console.log(process.version)", {
      PATH: pathWith(sandbox, "16.20.2"),
      CIRCLEBACK_NODE_MIRROR: `http://${mirror.host}`,
      CIRCLEBACK_INSTALL_NODE_SCRIPT: pinTo(archive),
    });
    const [reason, , , version] = result.stdout.split("\n");
    expect({ code: result.code, reason, version }).toEqual({
      code: 0,
      reason: "circleback needs Node.js 18 or later (found: v16.20.2).",
      version: process.version,
    });
  });
});
