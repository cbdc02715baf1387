import { expect, test } from "vitest";
import { sendRequest } from "../../../src/circleci/http.ts";
import { NoAnswer } from "../../../src/host/request.ts";
import { Secret } from "../../../src/secret.ts";
import { createFakeHost } from "../../support/fake-host.ts";
import { createMockCircleCi } from "../../support/mock-circleci.ts";

const token = new Secret("very-secret-token");

function start(options: { readonly requestsHang?: boolean; readonly random?: number } = {}) {
  const service = createMockCircleCi();
  const host = createFakeHost({ fetch: service.fetch, ...options });
  const send = async (method: "GET" | "POST", path: string, given?: unknown) => {
    const url = `${service.origin}/api/v2${path}`;
    const { status, body } = await sendRequest(host, { method, url, token, body: given });
    return { status, body };
  };
  return { service, host, send };
}

test("repeats a GET after the seconds that Retry-After asks for", async () => {
  const { service, host, send } = start();
  service.answer("GET", "/me", 429, {}, { "retry-after": "7" });
  service.answer("GET", "/me", 200, { id: "1" });
  expect(await send("GET", "/me")).toEqual({ status: 200, body: { id: "1" } });
  expect(host.sleeps).toEqual([7_000]);
  service.assertAllUsed();
});

test("understands a Retry-After that is a date", async () => {
  const { service, host, send } = start();
  service.answer("GET", "/me", 503, {}, { "retry-after": "Thu, 01 Jan 2026 00:00:05 GMT" });
  service.answer("GET", "/me", 200, {});
  await send("GET", "/me");
  expect(host.sleeps).toEqual([5_000]);
});

test.each([500, 502, 503, 504])("repeats a GET that was answered %d, each time later", async (status) => {
  const { service, host, send } = start();
  for (let count = 0; count < 3; count++) service.answer("GET", "/me", status, "oops");
  service.answer("GET", "/me", 200, {});
  expect(await send("GET", "/me")).toEqual({ status: 200, body: {} });
  expect(host.sleeps).toEqual([1_000, 2_000, 4_000]);
});

test("spreads its tries, so that many who wait do not come back together", async () => {
  const { service, host, send } = start({ random: 0 });
  for (let count = 0; count < 2; count++) service.answer("GET", "/me", 502, "oops");
  service.answer("GET", "/me", 200, {});
  await send("GET", "/me");
  expect(host.sleeps).toEqual([500, 1_000]);
});

test.each(["<html>Please log in</html>", '{"id": "1', ""])(
  "repeats a GET twice that is answered 200 without JSON: %j",
  async (text) => {
    const { service, send } = start();
    for (let count = 0; count < 2; count++) service.answer("GET", "/me", 200, text);
    service.answer("GET", "/me", 200, { id: "1" });
    expect(await send("GET", "/me")).toEqual({ status: 200, body: { id: "1" } });
    for (let count = 0; count < 3; count++) service.answer("GET", "/me", 200, text);
    expect(await send("GET", "/me")).toEqual({ status: 200, body: text });
    service.assertAllUsed();
  },
);

test("repeats a GET whose connection breaks", async () => {
  const { service, send } = start();
  service.breakConnection("GET", "/me", "ECONNRESET");
  service.answer("GET", "/me", 200, {});
  expect(await send("GET", "/me")).toEqual({ status: 200, body: {} });
});

test("gives up on a GET after two minutes with the last answer", async () => {
  const { service, host, send } = start();
  for (let count = 0; count < 20; count++) service.answer("GET", "/me", 502, "oops");
  expect(await send("GET", "/me")).toEqual({ status: 502, body: "oops" });
  const waited = host.sleeps.reduce((sum, pause) => sum + pause, 0);
  expect(waited).toBeLessThanOrEqual(120_000);
  expect(waited).toBeGreaterThan(100_000);
});

test("does not wait for a Retry-After that lies beyond the deadline", async () => {
  const { service, host, send } = start();
  service.answer("GET", "/me", 429, {}, { "retry-after": "3600" });
  expect(await send("GET", "/me")).toEqual({ status: 429, body: {} });
  expect(host.sleeps).toEqual([]);
});

test.each(["0", "Thu, 01 Jan 2026 00:00:00 GMT", "Wed, 31 Dec 2025 23:00:00 GMT", "-1", "1.5", "soon"])(
  "comes back ever later, and to an end, where Retry-After says `%s` each time",
  async (retryAfter) => {
    const host = createFakeHost({
      fetch: async () => new Response("", { status: 429, headers: { "retry-after": retryAfter } }),
    });
    const url = "https://circleci.com/api/v2/x";
    expect((await sendRequest(host, { method: "GET", url, token })).status).toBe(429);
    expect([host.sleeps.slice(0, 3), host.sleeps.length]).toEqual([[1_000, 2_000, 4_000], 11]);
  },
);

test.each([0, 1, 400, 29_999, 30_000, 31_000])(
  "comes to an end where the deadline of its command is %d ms away, and nobody answers",
  async (left) => {
    const host = createFakeHost({
      requestsHang: true,
      fetch: (_, init) =>
        new Promise((_resolve, reject) => {
          init.signal?.addEventListener("abort", () => reject(init.signal?.reason));
        }),
    });
    const deadline = host.clock.now() + left;
    const sent = sendRequest({ ...host, deadline }, { method: "GET", url: "https://circleci.com/x", token });
    await expect(sent).rejects.toBeInstanceOf(NoAnswer);
    expect(host.clock.now()).toBeLessThanOrEqual(deadline);
  },
);

test("never repeats a POST that may have taken effect", async () => {
  for (const status of [500, 502, 504]) {
    const { service, send } = start();
    service.answer("POST", "/x", status, "oops");
    expect(await send("POST", "/x", {})).toEqual({ status, body: "oops" });
    expect(service.requests).toEqual(["POST /x"]);
  }
  const { service, send } = start();
  service.breakConnection("POST", "/x", "ECONNRESET");
  await expect(send("POST", "/x", {})).rejects.toMatchObject({ name: "NoAnswer", unsent: false });
  expect(service.requests).toEqual(["POST /x"]);
});

test("repeats a POST that was turned away with 429", async () => {
  const { service, send } = start();
  service.answer("POST", "/x", 429, {}, { "retry-after": "1" });
  service.answer("POST", "/x", 201, { id: "1" });
  expect(await send("POST", "/x", {})).toEqual({ status: 201, body: { id: "1" } });
});

test.each([
  ["ECONNREFUSED", true],
  ["ENOTFOUND", true],
  ["CERT_HAS_EXPIRED", true],
  ["ECONNRESET", false],
  ["UND_ERR_SOCKET", false],
])("knows whether a request left before %s", async (code, unsent) => {
  const { service, send } = start();
  service.breakConnection("POST", "/x", code);
  await expect(send("POST", "/x", {})).rejects.toMatchObject({ unsent });
});

test("ends a try that gets no answer for 30 seconds", async () => {
  const host = createFakeHost({
    requestsHang: true,
    fetch: (_, init) =>
      new Promise((_resolve, reject) => {
        init.signal?.addEventListener("abort", () => reject(init.signal?.reason));
      }),
  });
  const url = "https://circleci.com/api/v2/x";
  const failure = sendRequest(host, { method: "POST", url, token, body: {} });
  await expect(failure).rejects.toEqual(new NoAnswer("no answer within 30 s", { unsent: false }));
});

test("does not follow a redirect, so that the token stays where it is", async () => {
  const { service, host } = start();
  service.answer("GET", "/me", 302, "", { location: "https://elsewhere.example/me" });
  const url = `${service.origin}/api/v2/me`;
  expect(await sendRequest(host, { method: "GET", url, token })).toEqual({
    status: 302,
    body: "",
    location: "https://elsewhere.example/me",
  });
  expect(service.requests).toEqual(["GET /me"]);
});

test("sends no token where it is told so, and leaves JSON as text where that is wanted", async () => {
  const { service, host } = start();
  service.answer("GET", "/me", 200, '{"a":1}');
  const seen: unknown[] = [];
  const fetch: typeof host.fetch = (to, init) => {
    seen.push(init.headers);
    return host.fetch(to, init);
  };
  const url = `${service.origin}/api/v2/me`;
  const answer = await sendRequest({ ...host, fetch }, { method: "GET", url, token: null, asText: true });
  expect([answer.body, seen]).toEqual(['{"a":1}', [{ Accept: "application/json" }]]);
});

test("ends at once when the job is cancelled", async () => {
  const { service, host, send } = start();
  service.answer("GET", "/me", 502, "");
  const sent = send("GET", "/me");
  host.cancel();
  await expect(sent).rejects.toThrow("cancelled by the test");
});
