import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { run } from "../../support/run-step.ts";
import { makeRunner, runToEnd } from "./job-harness.ts";

describe("artifacts", () => {
  const store = (path: string, destination: string | null = null) =>
    ({ kind: "store_artifacts", path, destination }) as const;

  it("are listed below their destination, or below the path they came from", async () => {
    const { runner, root } = makeRunner();
    const { outcome, artifacts } = await runToEnd(runner, [
      run(
        "mkdir -p out/deep; echo 1 > out/a; echo 2 > out/deep/b; echo 3 > ~/c; ln -s a out/link; ln -s gone out/broken",
      ),
      store("out"),
      store("./out/deep/", "reports"),
      store("out/a"),
      store("out/a", "renamed.txt"),
      store("~/c"),
      store("out/a", "../../up"),
    ]);
    expect(outcome).toBe("success");
    const folder = join(root, "artifacts/job-1/0");
    const paths = ["out/a", "out/deep/b", "out/link", "reports/b", "renamed.txt", "~/c", "up"];
    expect(artifacts).toEqual(paths.map((path) => ({ path, file: join(folder, path) })));
    expect(artifacts.map(({ file }) => readFileSync(file, "utf8"))).toEqual([
      "1\n",
      "2\n",
      "1\n",
      "2\n",
      "1\n",
      "3\n",
      "1\n",
    ]);
  });

  it("of the same path overwrite one another", async () => {
    const { runner } = makeRunner();
    const { artifacts } = await runToEnd(runner, [
      run("echo 1 > a"),
      store("a"),
      run("echo 2 > a"),
      store("a"),
    ]);
    expect(artifacts.map(({ path, file }) => [path, readFileSync(file, "utf8")])).toEqual([["a", "2\n"]]);
  });

  it("that are missing are no failure", async () => {
    const { runner, root } = makeRunner();
    const { outcome, steps, artifacts } = await runToEnd(runner, [store("none")]);
    const path = `${root}/jobs/job-1/0/home/project/none`;
    expect([outcome, steps[0]?.output, artifacts]).toEqual([
      "success",
      `Uploading ${path} to none\n  No artifact files found at ${path}\n`,
      [],
    ]);
  });
});

describe("test results", () => {
  it("are counted, and may be missing", async () => {
    const { runner, root } = makeRunner();
    const { outcome, steps } = await runToEnd(runner, [
      run("mkdir r; touch r/a.xml r/b.xml r/c.txt"),
      { kind: "store_test_results", path: "r" },
      { kind: "store_test_results", path: "none" },
    ]);
    const project = `${root}/jobs/job-1/0/home/project`;
    expect([outcome, steps.slice(1).map((step) => [step.name, step.output])]).toEqual([
      "success",
      [
        ["Uploading test results", `Found 2 test result file(s) at ${project}/r\n`],
        ["Uploading test results", `No test results found at ${project}/none\n`],
      ],
    ]);
  });
});
