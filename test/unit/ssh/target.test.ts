import { describe, expect, test } from "vitest";
import { Unfit } from "../../../src/orb/parameter.ts";
import { parseHosts, parseTarget, showTarget } from "../../../src/ssh/target.ts";

const lines = `
develop: deploy@\${IP_SANDBOX}
preprod: deploy@staging.example.com:2222
release/*: deploy@10.0.0.1, deploy@10.0.0.2
*: deploy@[::1]:22
`;

const hostsFor = (branch: string, env: Record<string, string> = { IP_SANDBOX: "192.0.2.7" }) =>
  parseHosts(lines, { ...env, CIRCLE_BRANCH: branch }).targets.map(showTarget);

describe("hosts", () => {
  test("are those of the first line that fits the branch", () => {
    expect(["develop", "preprod", "release/1", "other"].map((branch) => hostsFor(branch))).toEqual([
      ["deploy@192.0.2.7"],
      ["deploy@staging.example.com:2222"],
      ["deploy@10.0.0.1", "deploy@10.0.0.2"],
      ["deploy@[::1]:22"],
    ]);
  });

  test("need the variables of their own line only", () => {
    expect(hostsFor("preprod", {})).toEqual(["deploy@staging.example.com:2222"]);
    expect(() => hostsFor("develop", {})).toThrow("there is no environment variable IP_SANDBOX");
  });

  test("are for any branch where no line names one, and each of them counts once", () => {
    const text = "a@one\nb@two:22, a@one";
    expect(parseHosts(text, {})).toEqual({
      branch: null,
      targets: [
        { user: "a", host: "one", port: null },
        { user: "b", host: "two", port: 22 },
      ],
    });
  });

  test("are none where no line fits", () => {
    expect(parseHosts("master: a@one", { CIRCLE_BRANCH: "main" })).toEqual({ branch: "main", targets: [] });
  });

  test.each([
    "one",
    "develop: one",
    "master: a@one\nb@two",
    "a@one:0",
    "a@one:65536",
    "a@one:x",
    "-o@one",
    "a@-oProxyCommand=x",
    "a@one;id",
    "a b@one",
    "a@one two",
    "develop:",
    "develop: ,",
    "",
    "master, develop: a@one",
    "master develop: a@one",
    "${PROD}: a@one",
  ])("refuses %j, whatever the branch", (text) => {
    expect(() => parseHosts(text, { CIRCLE_BRANCH: "other" })).toThrow(Unfit);
  });

  test.each(["master: ${IP}", "${IP}", "master: ${IP}, ${IP}"])(
    "in %j are an error where the variable is empty",
    (text) => {
      expect(() => parseHosts(text, { CIRCLE_BRANCH: "master", IP: " " })).toThrow("has no host in");
    },
  );

  test("never take what a variable holds for an option", () => {
    const env = { CIRCLE_BRANCH: "master", IP: "-oProxyCommand=id" };
    expect(() => parseHosts("master: a@${IP}", env)).toThrow(Unfit);
    expect(parseTarget("a@b.c")).toEqual({ user: "a", host: "b.c", port: null });
  });
});
