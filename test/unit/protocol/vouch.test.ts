import { expect, test } from "vitest";
import { createClient } from "../../../src/circleci/client.ts";
import type { Hold } from "../../../src/protocol/find-hold.ts";
import { createVoucher, type VouchPolicy } from "../../../src/protocol/vouch.ts";
import { Secret } from "../../../src/secret.ts";
import { createFakeHost } from "../../support/fake-host.ts";
import { createMockCircleCi } from "../../support/mock-circleci.ts";

const policy: VouchPolicy = {
  requireReceipt: true,
  allowedParents: [],
  pipelineId: "child",
  receipt: "child",
  patience: 30_000,
};

const list = "/project/gh/acme/app/1/artifacts";

function start(changes: Partial<VouchPolicy> = {}) {
  const service = createMockCircleCi();
  const host = createFakeHost({ fetch: service.fetch });
  const api = createClient(host, service.origin, new Secret("very-secret-token"));
  return { service, host, vouch: createVoucher(api, host.clock, { ...policy, ...changes }) };
}

function hold(jobId: string, status = "success"): Hold {
  const trigger = {
    id: "t",
    name: "trigger",
    type: "build",
    status,
    job_number: 1,
    project_slug: "gh/acme/app",
    approved_by: null,
    stopped_at: null,
    dependencies: [],
    requires: {},
  };
  return {
    name: "hold",
    workflowId: "w",
    jobId,
    status: "on_hold",
    project: "gh/acme/app",
    upstream: [trigger],
  };
}

/** What each look comes to, ten seconds after the one before. */
async function outcomes({ host, vouch }: ReturnType<typeof start>, looks: readonly Hold[]) {
  const seen: unknown[] = [];
  for (const look of looks) {
    seen.push(await vouch(look).catch((error: { readonly code: string }) => error.code));
    await host.clock.sleep(10_000);
  }
  return seen;
}

test.each(["success", "failed", "infrastructure_fail", "terminated-unknown", "timedout"])(
  "looks for thirty seconds for the receipt of a job that has ended %s",
  async (status) => {
    const world = start();
    const { service } = world;
    for (let look = 0; look < 4; look++) service.answer("GET", list, 200, { items: [] });
    expect(await outcomes(world, Array(4).fill(hold("h", status)))).toEqual([
      false,
      false,
      false,
      "hold.foreign",
    ]);
    service.assertAllUsed();
  },
);

test("counts the time of each hold apart, and none while a job still runs", async () => {
  const world = start();
  const { service } = world;
  for (let look = 0; look < 11; look++) service.answer("GET", list, 200, { items: [] });
  const looks = [
    ...Array(5).fill(hold("h", "running")),
    ...Array(3).fill(hold("h")),
    ...Array(3).fill(hold("i")),
  ];
  expect(await outcomes(world, looks)).toEqual(Array(11).fill(false));
  service.assertAllUsed();
});

test("takes a job whose artifacts are not there for one that shows them later, up to a point", async () => {
  const world = start();
  const { service } = world;
  for (let look = 0; look < 4; look++) {
    service.answer("GET", list, 404, { message: "Job not found" });
    service.answer("GET", "/me", 200, { id: "1", login: "bot" });
  }
  expect((await outcomes(world, Array(4).fill(hold("h")))).at(-1)).toBe("circleci.not-found");
  service.assertAllUsed();
});

test("takes a receipt that is listed and not handed out for one that comes later, up to a point", async () => {
  const world = start();
  const { service } = world;
  for (let look = 0; look < 4; look++) {
    service.answer("GET", list, 200, {
      items: [{ path: "circleback/child.json", url: `${service.origin}/api/v2/artifact` }],
    });
    service.answer("GET", "/artifact", 404, "");
  }
  expect(await outcomes(world, Array(4).fill(hold("h")))).toEqual([false, false, false, "circleci.failed"]);
  service.assertAllUsed();
});

test("asks for no artifact that is not the receipt", async () => {
  const { service, vouch } = start();
  const others = ["circleback/other.json", "circleback/outputs/child.json", "circleback/callback/note.json"];
  service.answer("GET", list, 200, {
    items: others.map((path) => ({ path, url: `${service.origin}/artifact` })),
  });
  expect(await vouch(hold("h"))).toBe(false);
  service.assertAllUsed();
});

test("asks nobody where no receipt is required", async () => {
  const { vouch } = start({ requireReceipt: false, allowedParents: ["gh/acme/*"] });
  expect(await vouch(hold("h"))).toBe(true);
});
