import { describe, expect, it } from "vitest";
import { matchesGlob } from "../../../src/simulator/api/glob.ts";
import { unescapeSlug } from "../../../src/simulator/api/slug.ts";

describe("matchesGlob", () => {
  it.each([
    ["gh/acme/*", "gh/acme/app", true],
    ["gh/acme/*", "gh/acme/app/more", false],
    ["gh/acme/a*", "gh/acme/app", true],
    ["gh/acme/a*", "gh/acme/web", false],
    ["gh/acme/a.p", "gh/acme/app", false],
    ["*", "gh/acme/app", false],
  ])("lets %s meet %s: %s", (pattern, text, expected) => {
    expect(matchesGlob(pattern, text)).toBe(expected);
  });
});

describe("unescapeSlug", () => {
  it.each([
    ["/api/v2/project/gh%2Fo%2fr/pipeline", "/api/v2/project/gh/o/r/pipeline"],
    ["/api/v2/project/gh%2Fo%2Fr/pipeline/run", "/api/v2/project/gh%2Fo%2Fr/pipeline/run"],
    ["/api/v2/pipeline/a%2Fb", "/api/v2/pipeline/a%2Fb"],
  ])("makes %s of %s", (path, expected) => {
    expect(unescapeSlug(path)).toBe(expected);
  });
});
