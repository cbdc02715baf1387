import { describe, expect, test } from "vitest";
import { decodeTicket, encodeTicket } from "../../../src/protocol/ticket.ts";
import { Secret } from "../../../src/secret.ts";
import { callsOf, jobOf, said } from "../../support/loop.ts";
import { playLoop } from "../../support/virtual-loop.ts";
import { callingWorkflow, child, parent } from "../../support/work-configs.ts";

const secret = "secret-that-signs-tickets";
const token = "token-of-the-release-bot";

function contexts(parentSecret: string | null, childSecret: string | null): string {
  const context = (value: string | null) =>
    `{ CIRCLE_TOKEN: ${token}${value === null ? "" : `, CIRCLEBACK_SIGNING_SECRET: ${value}`} }`;
  return `contexts: { circleback: ${context(parentSecret)}, ours: ${context(childSecret)} }`;
}

const lib = (callback = "") =>
  child({ test: "success" }, callingWorkflow("integration", ["test"], { callback })).replace(
    "context: circleback",
    "context: ours",
  );

async function play(parentSecret: string | null, childSecret: string | null, callback = "") {
  const report = await playLoop(
    { "gh/acme/app": parent(), "gh/acme/lib": lib(callback) },
    contexts(parentSecret, childSecret),
  );
  const { exit, lines } = said(report, "circle-back");
  const output = [...lines, ...said(report, "trigger").lines].join("\n");
  return {
    exit,
    says: lines.find((line) => line.startsWith("Error")) ?? lines.at(-1),
    hold: jobOf(report, "hold").status,
    calls: callsOf(report, "circle-back").length,
    leaks: output.includes(secret),
  };
}

const woken = {
  exit: 0,
  says: "Approved `hold`: the parent goes on, https://circleci.com/workflow-run/release",
  hold: "success",
  calls: 7,
  leaks: false,
};

function refused(sentence: string) {
  return {
    exit: 2,
    says: `Error: The ticket ${sentence} (ticket.invalid)`,
    hold: "on_hold",
    calls: 0,
    leaks: false,
  };
}

describe("a ticket from a parent", () => {
  test.each([
    ["unsigned", "no secret", null, null, "", woken],
    ["signed", "the same secret", secret, secret, "", woken],
    ["signed", "the same secret, required", secret, secret, "require-signature: true", woken],
    ["signed", "no secret", secret, null, "", woken],
    ["unsigned", "a secret", null, secret, "", refused("is not signed, but there is a signing secret.")],
    [
      "signed",
      "another secret",
      "secret-of-somebody-else",
      secret,
      "",
      refused("has a signature that does not fit: it is altered, or signed with another secret."),
    ],
    [
      "signed",
      "no secret, though required",
      secret,
      null,
      "require-signature: true",
      refused("cannot be checked: `require-signature` is set, but there is no signing secret."),
    ],
    [
      "unsigned",
      "no secret, though required",
      null,
      null,
      "require-signature: true",
      refused("cannot be checked: `require-signature` is set, but there is no signing secret."),
    ],
  ])("that is %s, at a child with %s", async (_, __, parentSecret, childSecret, callback, end) => {
    expect(await play(parentSecret, childSecret, callback)).toEqual(end);
  });

  test("finds its secret under another name", async () => {
    const named = "signing-secret: OTHER_SECRET";
    const context = `{ CIRCLE_TOKEN: ${token}, OTHER_SECRET: ${secret} }`;
    const report = await playLoop(
      { "gh/acme/app": parent({ trigger: named }), "gh/acme/lib": lib(`${named}, require-signature: true`) },
      `contexts: { circleback: ${context}, ours: ${context} }`,
    );
    expect([jobOf(report, "hold").status, String(report.pipelines[1]?.parameters.circleback)]).toEqual([
      "success",
      expect.stringMatching(/^cb1\.[\w-]+\.[\w-]{43}$/),
    ]);
  });
});

/** A ticket as it might be forged, at a child that is started with it by hand. */
async function start(
  changes: Partial<Parameters<typeof encodeTicket>[0]>,
  signedWith: string | null,
  alter = (text: string) => text,
) {
  const ticket = {
    parentProject: "gh/acme/app",
    pipelineId: "5034460f-c7c4-4c43-9457-de07e2029e7b",
    workflowId: "fda08377-fe7e-46b1-8992-3a7aaecac9c3",
    workspaceId: "fda08377-fe7e-46b1-8992-3a7aaecac9c3",
    hold: "hold",
    receipt: "child",
    childProject: "gh/acme/lib",
    nonce: "AAAAAAAAAAAAAAAAAAAAAA",
    expires: 1_900_000_000,
    ancestors: [],
    ...changes,
  };
  const text = alter(encodeTicket(ticket, signedWith === null ? null : new Secret(signedWith)));
  const report = await playLoop(
    { "gh/acme/lib": lib() },
    `{ trigger: [{ project: gh/acme/lib, parameters: { circleback: "${text}" } }], ${contexts(secret, secret)} }`,
  );
  const { exit, lines } = said(report, "circle-back");
  return {
    exit,
    says: lines.find((line) => line.startsWith("Error")),
    calls: callsOf(report, "circle-back").length,
  };
}

describe("a ticket that somebody made", () => {
  test.each([
    [
      "signed for another project",
      { childProject: "gh/acme/other" },
      1,
      "is for gh/acme/other, but this pipeline is one of gh/acme/lib.",
    ],
    ["expired", { expires: 1_767_225_599 }, 0, "expired on 2025-12-31T23:59:59.000Z."],
  ])("is refused where it is %s", async (_, changes, calls, sentence) => {
    expect(await start(changes, secret)).toEqual({
      exit: 2,
      says: `Error: The ticket ${sentence} (ticket.invalid)`,
      calls,
    });
  });

  test("is taken under another spelling of the same project", async () => {
    const { says } = await start({ childProject: "github/acme/lib" }, secret);
    expect(says).not.toContain("ticket.invalid");
  });

  test.each([{ hold: "production" }, { childProject: "gh/acme/lob" }, { expires: 1_999_999_999 }])(
    "is refused where it was altered, even with a checksum that fits: %j",
    async (changes) => {
      const forge = (text: string) =>
        `${encodeTicket({ ...decodeTicket(text), ...changes })}.${text.split(".")[2]}`;
      expect(await start({}, secret, forge)).toEqual({
        exit: 2,
        says: "Error: The ticket has a signature that does not fit: it is altered, or signed with another secret. (ticket.invalid)",
        calls: 0,
      });
    },
  );
});
