import { expect, test } from "vitest";
import { chooseRelease } from "../../../src/delivery/find-release.ts";
import { releaseFolder } from "../../../src/delivery/release-record.ts";
import { createFakeHost } from "../../support/fake-host.ts";

test.each([
  ["r/a:1", "r/b:2", "abcdef012345"],
  ["r/a:1", "r/a:1", "0.1.1"],
  ["r/a:1@sha256:1", "r/b@sha256:1", "0.1.1"],
  ["r/a@sha256:1", "r/a@sha256:2", "abcdef012345"],
])("where a record is of %s, the version of %s is %s", async (recorded, image, version) => {
  const host = createFakeHost({ env: { CIRCLE_SHA1: "abcdef0123456789" } });
  const record = { version: "0.1.1", image: recorded, finishedAt: "2026-01-01T00:00:00Z" };
  await host.files.write(`${releaseFolder}/shop.json`, JSON.stringify(record));
  expect(await chooseRelease(host, { image, version: "" })).toEqual({ image, version });
});
