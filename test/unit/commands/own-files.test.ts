import { mkdirSync, mkdtempSync, readlinkSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { withoutOwnFiles } from "../../../src/commands/ecr-push/own-files.ts";
import { files } from "../../../src/host/files.ts";
import type { Files } from "../../../src/host/host.ts";
import { createFakeHost } from "../../support/fake-host.ts";

let checkout = "";
beforeEach(() => {
  checkout = realpathSync(mkdtempSync(join(tmpdir(), "circleback-files-")));
  mkdirSync(join(checkout, "elsewhere/releases"), { recursive: true });
});
afterEach(() => rmSync(checkout, { recursive: true, force: true }));

const inCheckout = (): Files => ({
  ...files,
  list: (folder) => files.list(resolve(checkout, folder)),
  move: (from, to) => files.move(resolve(checkout, from), resolve(checkout, to)),
});

test("a link is put back, though it leads nowhere while it is away", async () => {
  symlinkSync("elsewhere", join(checkout, ".circleback"));
  const { log, lines } = createFakeHost({});
  const seen = await withoutOwnFiles({ files: inCheckout(), log }, () => files.list(checkout));
  expect([seen, readlinkSync(join(checkout, ".circleback")), lines]).toEqual([
    ["elsewhere"],
    "elsewhere",
    [],
  ]);
});

test("it is said where they are no more", async () => {
  mkdirSync(join(checkout, ".circleback/releases"), { recursive: true });
  const { log, lines } = createFakeHost({});
  let folder = "";
  const makePrivateFolder = async () => {
    folder = await files.makePrivateFolder();
    return folder;
  };
  await withoutOwnFiles({ files: { ...inCheckout(), makePrivateFolder }, log }, async () =>
    rmSync(join(folder, "own"), { recursive: true }),
  );
  rmSync(folder, { recursive: true });
  expect(lines).toEqual([
    expect.stringContaining(
      `Warning: .circleback was moved to ${folder}/own, and cannot be put back: Error: ENOENT`,
    ),
  ]);
});
