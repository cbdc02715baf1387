import fc from "fast-check";
import { expect, test } from "vitest";
import {
  checkTicket,
  decodeTicket,
  encodeTicket,
  makeNonce,
  type Ticket,
} from "../../../src/protocol/ticket.ts";
import { Secret } from "../../../src/secret.ts";

const sample: Ticket = {
  parentProject: "gh/acme/app",
  pipelineId: "5034460f-c7c4-4c43-9457-de07e2029e7b",
  workflowId: "fda08377-fe7e-46b1-8992-3a7aaecac9c3",
  workspaceId: "fda08377-fe7e-46b1-8992-3a7aaecac9c3",
  hold: "wait-for-integration",
  receipt: "child",
  childProject: "gh/acme/integration",
  nonce: makeNonce("fda08377-fe7e-46b1-8992-3a7aaecac9c3", "trigger", "child"),
  expires: 1_800_000_000,
  ancestors: [],
};

const slug = fc.stringMatching(/^gh\/[a-z]{1,12}\/[a-z]{1,12}$/);
const tickets: fc.Arbitrary<Ticket> = fc.record({
  parentProject: slug,
  pipelineId: fc.uuid(),
  workflowId: fc.uuid(),
  workspaceId: fc.uuid(),
  hold: fc.string({ maxLength: 20 }),
  receipt: fc.stringMatching(/^[a-z]{1,10}$/),
  childProject: slug,
  nonce: fc.stringMatching(/^[\w-]{22}$/),
  expires: fc.nat(),
  ancestors: fc.array(fc.stringMatching(/^[0-9a-f]{8}$/), { maxLength: 2 }),
});

test("comes back as it was written, in at most 512 plain characters", () => {
  fc.assert(
    fc.property(tickets, (ticket) => {
      const text = encodeTicket(ticket);
      expect(decodeTicket(text)).toEqual(ticket);
      expect(text).toMatch(/^cb1\.[\w-]{1,508}$/);
    }),
  );
});

test("leaves room for a signature with names of a common length", () => {
  expect(encodeTicket(sample).length).toBeLessThanOrEqual(512 - 44);
});

test("is refused when cut, at every place", () => {
  const text = encodeTicket(sample);
  for (let length = 0; length < text.length; length++) {
    expect(() => decodeTicket(text.slice(0, length))).toThrow(
      expect.objectContaining({ code: "ticket.invalid" }),
    );
  }
});

test("is refused when any character is altered", () => {
  const text = encodeTicket(sample);
  for (let place = 4; place < text.length - 1; place++) {
    const other = text[place] === "A" ? "B" : "A";
    const altered = text.slice(0, place) + other + text.slice(place + 1);
    expect(() => decodeTicket(altered)).toThrow(expect.objectContaining({ code: "ticket.invalid" }));
  }
});

test.each(["!", "=", " ", "\n", "\u00e4"])("is refused with the odd character %j anywhere", (odd) => {
  const text = encodeTicket(sample);
  for (const place of [4, 20, text.length]) {
    const altered = text.slice(0, place) + odd + text.slice(place);
    expect(() => decodeTicket(altered)).toThrow(expect.objectContaining({ code: "ticket.invalid" }));
  }
});

test.each([
  ["hello", "The ticket does not begin with `cb1`."],
  ["cb2.e30", "The ticket is of version cb2, and this orb knows cb1."],
  ["cb1.e30", "The ticket is cut or altered: it cannot be read."],
  [encodeTicket({ ...sample, expires: -1e300 }), "The ticket is cut or altered: it cannot be read."],
  ["cb1.e30.sig", "The ticket is cut or altered: it has the wrong parts."],
  [`cb1.e30.${"s".repeat(43)}.more`, "The ticket is cut or altered: it has the wrong parts."],
])("says what is wrong with %s", (text, message) => {
  expect(() => decodeTicket(text)).toThrow(expect.objectContaining({ code: "ticket.invalid", message }));
});

test("is refused when it would be longer than a pipeline parameter", () => {
  expect(() => encodeTicket({ ...sample, hold: "h".repeat(300) })).toThrow(
    expect.objectContaining({ code: "ticket.invalid", exitCode: 2 }),
  );
});

test("has one nonce for one trigger, and another for every other", () => {
  expect(makeNonce("w", "j", "r")).toBe(makeNonce("w", "j", "r"));
  const nonces = [
    makeNonce("w", "j", "r"),
    makeNonce("v", "j", "r"),
    makeNonce("w", "k", "r"),
    makeNonce("w", "j", "s"),
  ];
  expect(new Set(nonces).size).toBe(4);
  expect(makeNonce("a", "bc", "d")).not.toBe(makeNonce("ab", "c", "d"));
});

test.each([
  [
    "unsigned",
    encodeTicket(sample),
    "secret-of-the-child",
    0,
    /^Give the parent's .* the same signing secret/,
  ],
  [
    "signed with another secret",
    encodeTicket(sample, new Secret("other-secret")),
    "secret-of-the-child",
    0,
    /^Give the parent's .* the same signing secret/,
  ],
  [
    "at a child without a secret",
    encodeTicket(sample),
    null,
    0,
    /^Put the parent's signing secret into a context/,
  ],
  [
    "expired",
    encodeTicket(sample, new Secret("secret-of-the-child")),
    "secret-of-the-child",
    1_900_000_000_000,
    /^Let the parent trigger a new pipeline/,
  ],
])("says what helps where it is %s", (_, text, secret, now, hint) => {
  const policy = { secret: secret === null ? null : new Secret(secret), requireSignature: true, now };
  expect(() => checkTicket(text, sample, policy)).toThrow(
    expect.objectContaining({
      code: "ticket.invalid",
      hints: expect.arrayContaining([expect.stringMatching(hint)]),
    }),
  );
});
