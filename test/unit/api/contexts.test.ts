import { expect, it } from "vitest";
import { app, ask, makeApi, makeWorld } from "./world.ts";

const contexts = [
  { name: "open", values: { CIRCLE_TOKEN: "never shown" }, allow: null },
  { name: "guarded", values: {}, allow: ["alice"] },
];
const api = makeApi(makeWorld([], contexts));
const list = `/api/v2/context?owner-id=${app.organizationId}`;

async function idOf(name: string): Promise<string> {
  const { body } = await ask(api, "GET", list);
  const { items } = body as { readonly items: readonly { readonly id: string; readonly name: string }[] };
  return items.find((item) => item.name === name)?.id ?? "";
}

it("lists an organization's contexts", async () => {
  expect(await ask(api, "GET", list)).toEqual({
    status: 200,
    body: {
      items: [
        { id: await idOf("open"), name: "open" },
        { id: await idOf("guarded"), name: "guarded" },
      ],
      next_page_token: null,
    },
  });
});

it("names the variables of a context without their values", async () => {
  const id = await idOf("open");
  expect(await ask(api, "GET", `/api/v2/context/${id}/environment-variable`)).toEqual({
    status: 200,
    body: { items: [{ variable: "CIRCLE_TOKEN", context_id: id }], next_page_token: null },
  });
});

it("shows who may use a context, and nothing where everybody may", async () => {
  const id = await idOf("guarded");
  const guarded = await ask(api, "GET", `/api/v2/context/${id}/restrictions`);
  expect(guarded).toEqual({
    status: 200,
    body: {
      items: [
        {
          id: expect.any(String),
          context_id: id,
          name: "alice",
          restriction_type: "group",
          restriction_value: expect.any(String),
        },
      ],
      next_page_token: null,
    },
  });
  const open = await ask(api, "GET", `/api/v2/context/${await idOf("open")}/restrictions`);
  expect(open.body).toEqual({ items: [], next_page_token: null });
});

it.each([
  ["a context to nobody", async () => `/api/v2/context/${await idOf("open")}/restrictions`, {}],
  ["contexts of an organization to a bad token", async () => list, { "circle-token": "bad" }],
  [
    "contexts of a strange organization",
    async () => "/api/v2/context?owner-id=x",
    { "circle-token": "good" },
  ],
  ["an unknown context", async () => "/api/v2/context/x/environment-variable", { "circle-token": "good" }],
])("does not show %s", async (_, path, headers) => {
  expect((await ask(api, "GET", await path(), undefined, headers)).status).toBe(404);
});
