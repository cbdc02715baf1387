import { describe, expect, it } from "vitest";
import { renderCacheKey } from "../../../src/simulator/runner/cache-key.ts";
import { run } from "../../support/run-step.ts";
import { makeRunner, runToEnd } from "./job-harness.ts";

const values = {
  branch: "main",
  revision: "abc",
  buildNumber: 12,
  environment: { CIRCLE_JOB: "build" },
  now: 1_700_000_000_900,
  architecture: "linux-amd64",
  checksum: (file: string) => `<${file}>`,
};

describe("a cache key", () => {
  it("is filled in by its templates", () => {
    const template =
      'v1-{{ .Branch }}-{{.Revision}}-{{ .BuildNum }}-{{ .Environment.CIRCLE_JOB }}-{{ .Environment.NONE }}-{{ epoch }}-{{ arch }}-{{ checksum "a b.json" }}-{{checksum `c`}}';
    expect(renderCacheKey(template, values)).toBe(
      "v1-main-abc-12-build-<no value>-1700000000-linux-amd64-<a b.json>-<c>",
    );
  });

  it("with a template that nobody knows is an error", () => {
    expect(() => renderCacheKey("{{ .Nothing }}", values)).toThrow(
      "error computing cache key: unknown template {{ .Nothing }}",
    );
  });
});

describe("caches", () => {
  const save = (key: string, ...paths: string[]) =>
    ({ kind: "save_cache", key, paths, when: "on_success" }) as const;
  const restore = (...keys: string[]) => ({ kind: "restore_cache", keys }) as const;

  it("bring files back to where they were, in a job with another folder", async () => {
    const { runner } = makeRunner();
    const first = await runToEnd(
      runner,
      [
        run("mkdir -p ~/.npm deps; echo 1 > ~/.npm/a; echo 2 > deps/b; echo lock > lock"),
        save('v1-{{ checksum "lock" }}', "~/.npm", "deps", "none"),
      ],
      {},
      { id: "a", number: 41 },
    );
    const second = await runToEnd(
      runner,
      [restore("v2-", "v1-"), run("cat ~/.npm/a deps/b")],
      {},
      { id: "b", number: 42 },
    );
    expect(first.steps[1]?.output).toMatch(
      /^Warning: could not archive none - Not found\nStored cache to key: v1-[A-Za-z0-9+/]{43}=\n$/,
    );
    expect(second.steps[0]?.output).toMatch(
      /^No cache is found for key: v2-\nFound a cache from build 41 at v1-[A-Za-z0-9+/]{43}=\n$/,
    );
    expect(second.steps[1]?.output).toBe("1\n2\n");
  });

  it("are never overwritten, and the newest match wins over an exact one", async () => {
    const { runner } = makeRunner();
    const { steps } = await runToEnd(runner, [
      run("echo 1 > f"),
      save("k", "f"),
      run("echo 2 > f"),
      save("k", "f"),
      save("k-longer", "f"),
      run("rm f"),
      restore("k"),
      run("cat f"),
    ]);
    expect([3, 6, 7].map((index) => steps[index]?.output)).toEqual([
      "Skipping cache generation, cache already exists for key: k\n",
      "Found a cache from build 7 at k-longer\n",
      "2\n",
    ]);
  });

  it("belong to their project", async () => {
    const { runner } = makeRunner();
    await runToEnd(runner, [run("echo 1 > f"), save("k", "f")]);
    const project = { slug: "gh/acme/other", id: "project-2", organizationId: "organization-1" };
    const { outcome, steps } = await runToEnd(runner, [restore("k")], {}, { id: "b", project });
    expect([outcome, steps[0]?.output]).toEqual(["success", "No cache is found for key: k\n"]);
  });

  it("read contexts and the service's variables in keys, not the job's own", async () => {
    const { runner } = makeRunner();
    const { steps } = await runToEnd(
      runner,
      [restore("{{ .Environment.CIRCLE_JOB }}-{{ .Environment.FROM_CONTEXT }}-{{ .Environment.FROM_JOB }}")],
      { environment: { FROM_JOB: "no" } },
      { environment: { FROM_CONTEXT: "yes" } },
    );
    expect(steps[0]?.output).toBe("No cache is found for key: build-yes-<no value>\n");
  });

  it("with a checksum of a missing file fail the step", async () => {
    const { runner, root } = makeRunner();
    const { outcome, steps } = await runToEnd(runner, [restore('{{ checksum "none" }}')]);
    expect([outcome, steps[0]?.output]).toEqual([
      "failed",
      `error computing cache key: ENOENT: no such file or directory, open '${root}/jobs/job-1/0/home/project/none'\n`,
    ]);
  });
});
