import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));

const files = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(folder, file));

interface Import {
  readonly from: string;
  readonly to: string;
}

/** Every import of a file of ours by another, as paths from the root. */
const imports: readonly Import[] = files("src").flatMap((from) => {
  const text = readFileSync(join(root, from), "utf8");
  return [...text.matchAll(/from "(\.[^"]+)"/g)].map(([, path = ""]) => ({
    from,
    to: relative(root, resolve(root, dirname(from), path)),
  }));
});

const among = (from: RegExp, to: RegExp) =>
  imports.filter((each) => from.test(each.from) && to.test(each.to));

test("finds the imports that it judges", () => {
  expect(among(/^src\/commands\//, /^src\/protocol\//).length).toBeGreaterThan(5);
});

test("nobody imports a command, and a command imports no other", () => {
  const foreign = imports.filter(
    ({ from, to }) => to.startsWith("src/commands/") && dirname(from) !== dirname(to),
  );
  expect(foreign).toEqual([]);
});

test("only a command's main.ts and the command line touch the real machine", () => {
  const users = among(/./, /^src\/host\/real\.ts$/).map(({ from }) => from);
  expect(users.filter((from) => !/^src\/(commands\/[^/]+|cli)\/main\.ts$/.test(from))).toEqual([]);
  const parts = among(/./, /^src\/host\/(exec|files)\.ts$/).map(({ from }) => from);
  expect(parts).toEqual(["src/host/real.ts", "src/host/real.ts"]);
});

test("arrows run from commands to protocol to circleci to host", () => {
  expect(among(/^src\/host\//, /^src\/(commands|protocol|circleci|orb|simulator|cli)\//)).toEqual([]);
  expect(among(/^src\/circleci\//, /^src\/(commands|protocol|simulator|cli)\//)).toEqual([]);
  expect(among(/^src\/protocol\//, /^src\/(commands|simulator|cli)\//)).toEqual([]);
  expect(among(/^src\/orb\//, /^src\/(commands|protocol|circleci|simulator|cli)\//)).toEqual([]);
});

test("what speaks to AWS and to Docker knows nothing of commands, or of CircleCI's API", () => {
  expect(
    among(/^src\/(aws|docker)\//, /^src\/(commands|protocol|circleci|simulator|cli|delivery)\//),
  ).toEqual([]);
  expect(among(/^src\/delivery\//, /^src\/(commands|protocol|circleci|simulator|cli)\//)).toEqual([]);
});

test("what speaks to Slack knows nothing of commands, of CircleCI's API, or of AWS", () => {
  expect(among(/^src\/slack\//, /^src\/(commands|protocol|circleci|simulator|cli|delivery|aws)\//)).toEqual(
    [],
  );
});

test("the simulator shares nothing but the status vocabulary with what it tests", () => {
  const shared = among(/^src\/simulator\//, /^src\/(?!simulator\/)/).map(({ to }) => to);
  expect([...new Set(shared)]).toEqual(["src/circleci/status.ts"]);
});

test("what the runtime imports, only the command line imports the simulator", () => {
  const users = among(/^src\/(?!simulator\/)/, /^src\/simulator\//).map(({ from }) => from);
  expect(users.filter((from) => !from.startsWith("src/cli/"))).toEqual([]);
});

test("no folder has a drawer", () => {
  const drawers = [...files("src"), ...files("scripts"), ...files("test")].filter((file) =>
    /\/(utils?|helpers?|common|misc|types|constants|index)\.ts$/.test(file),
  );
  expect(drawers).toEqual([]);
});
