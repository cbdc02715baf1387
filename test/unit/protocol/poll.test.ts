import { expect, test } from "vitest";
import { formatDuration, poll } from "../../../src/protocol/poll.ts";
import { createFakeHost } from "../../support/fake-host.ts";

const options = { first: 5_000, longest: 30_000, waitingFor: () => "Waiting for it." };

test("looks at once, then ever more seldom", async () => {
  const host = createFakeHost({});
  let looks = 0;
  const found = await poll(host, { ...options, deadline: () => Number.POSITIVE_INFINITY }, async () => {
    looks++;
    return looks === 8 ? "it" : null;
  });
  expect(found).toBe("it");
  expect(host.sleeps).toEqual([5_000, 7_500, 11_250, 16_875, 25_312.5, 30_000, 30_000]);
});

test("gives up at the deadline after a last look", async () => {
  const host = createFakeHost({});
  const deadline = host.clock.now() + 12_000;
  const seen: number[] = [];
  const found = await poll(host, { ...options, deadline: () => deadline }, async () => {
    seen.push(host.clock.now() - deadline);
    return null;
  });
  expect(found).toBe(null);
  expect(seen).toEqual([-12_000, -7_000, 0]);
});

test("gives a sign of life every minute and no more often", async () => {
  const host = createFakeHost({});
  const deadline = host.clock.now() + 200_000;
  await poll(
    host,
    { ...options, first: 20_000, longest: 20_000, deadline: () => deadline },
    async () => null,
  );
  expect(host.lines).toEqual([
    "Waiting for it. (2m20s left)",
    "Waiting for it. (1m20s left)",
    "Waiting for it. (20s left)",
  ]);
});

test("ends when the job is cancelled", async () => {
  const host = createFakeHost({});
  const polled = poll(host, { ...options, deadline: () => Number.POSITIVE_INFINITY }, async () => {
    host.cancel();
    return null;
  });
  await expect(polled).rejects.toThrow("cancelled by the test");
});

test.each([
  [0, "0s"],
  [400, "1s"],
  [45_000, "45s"],
  [120_000, "2m"],
  [5_400_000, "1h30m"],
])("writes %d ms as %s", (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});
