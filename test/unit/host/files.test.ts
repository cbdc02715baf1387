import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { files } from "../../../src/host/files.ts";

let folder = "";
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "circleback-files-")));
  writeFileSync(join(folder, "file"), "text");
  mkdirSync(join(folder, "empty"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each(["absent", "empty", "file/below"])("reads null from %s", async (path) => {
  expect(await files.read(join(folder, path))).toBe(null);
});

test.each(["absent", "file"])("lists nothing in %s", async (path) => {
  expect(await files.list(join(folder, path))).toEqual([]);
});

test("leaves nothing beside what it cannot write", async () => {
  await expect(files.write(join(folder, "empty"), "text")).rejects.toThrow();
  expect([...(await files.list(folder))].sort()).toEqual(["empty", "file"]);
});

test("makes the folders on the way to a file that something is appended to", async () => {
  const path = join(folder, "a/b/env");
  await files.append(path, "one\n");
  await files.append(path, "two\n");
  expect(readFileSync(path, "utf8")).toBe("one\ntwo\n");
});

test("links to what is meant as seen from the working directory, wherever the link is", async () => {
  await files.link(relative(process.cwd(), join(folder, "file")), join(folder, "empty/link"));
  expect(readFileSync(join(folder, "empty/link"), "utf8")).toBe("text");
});

describe("moves a folder as it is", () => {
  const disk = "/dev/shm"; // in memory, and so another one than that of temporary files
  const moveTo = async (target: string) => {
    mkdirSync(join(folder, "own/deep"), { recursive: true });
    writeFileSync(join(folder, "own/deep/file"), "text", { mode: 0o400 });
    symlinkSync("../absent", join(folder, "own/link"));
    await files.move(join(folder, "own"), target);
    expect(await files.list(join(folder, "own"))).toEqual([]);
    const { mode } = statSync(join(target, "deep/file"));
    return [
      readFileSync(join(target, "deep/file"), "utf8"),
      mode & 0o777,
      readlinkSync(join(target, "link")),
    ];
  };
  const whole = ["text", 0o400, "../absent"];

  test("on the same disk", async () => {
    expect(await moveTo(join(folder, "other"))).toEqual(whole);
  });

  test.skipIf(!existsSync(disk))("to another disk, and refuses to overwrite what is there", async () => {
    const elsewhere = mkdtempSync(join(disk, "circleback-files-"));
    try {
      expect(await moveTo(join(elsewhere, "other"))).toEqual(whole);
      await expect(moveTo(join(elsewhere, "other"))).rejects.toThrow();
      expect(readFileSync(join(folder, "own/deep/file"), "utf8")).toBe("text");
    } finally {
      rmSync(elsewhere, { recursive: true });
    }
  });
});

describe("resolves", () => {
  test("a path through its links", async () => {
    symlinkSync(folder, join(folder, "empty/up"));
    expect(await files.resolve(join(folder, "empty/up/empty/../file"))).toBe(join(folder, "file"));
  });

  test("nothing where nothing is there", async () => {
    expect(await files.resolve(join(folder, "absent"))).toBe(null);
  });
});
