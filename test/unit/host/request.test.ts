import { expect, test } from "vitest";
import { NoAnswer, sendPatiently } from "../../../src/host/request.ts";
import { createFakeHost } from "../../support/fake-host.ts";

test("says on one line what OpenSSL ends with a line break", async () => {
  const cause = new Error("error:0A00010B:SSL routines:ssl3_get_record:wrong version number:ssl3.c:350:\n");
  const fetch = async () => {
    throw new TypeError("fetch failed", { cause });
  };
  const host = createFakeHost({ fetch });
  const sent = sendPatiently(host, {
    name: "GET /me",
    prepare: async () => ({ url: "https://127.0.0.1/me", init: {} }),
    problemOf: (outcome) => (outcome instanceof NoAnswer ? `failed: ${outcome.message}` : null),
    tries: 2,
  });
  await expect(sent).rejects.toThrow(/ssl3\.c:350:$/);
  expect(host.lines).toEqual([
    "Warning: GET /me failed: error:0A00010B:SSL routines:ssl3_get_record:wrong version number:ssl3.c:350:; trying again in 1.0 s.",
  ]);
});
