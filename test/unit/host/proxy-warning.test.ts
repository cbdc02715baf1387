import { expect, test } from "vitest";
import { explainProxy } from "../../../src/host/proxy-warning.ts";

const proxy = { HTTPS_PROXY: "http://proxy:3128" };

test.each(["18.20.8", "20.20.2", "22.20.0", "23.11.0"])(
  "says that Node.js %s goes past a proxy",
  (version) => {
    expect(explainProxy(proxy, version)).toBe(
      `HTTPS_PROXY is set, but Node.js ${version} does not send requests through a proxy: use 22.21, 24 or later.`,
    );
    expect(explainProxy({ https_proxy: "http://proxy:3128" }, version)).toContain("https_proxy is set");
  },
);

test.each(["22.21.0", "24.0.0", "26.5.0"])("is silent where Node.js %s uses the proxy", (version) => {
  expect(explainProxy(proxy, version)).toBe(null);
});

test("is silent without a proxy", () => {
  expect(explainProxy({ HTTPS_PROXY: "" }, "18.20.8")).toBe(null);
});
