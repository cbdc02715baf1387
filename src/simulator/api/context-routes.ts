import { Hono } from "hono";
import { identify } from "../engine/ids.ts";
import type { Context } from "../engine/state.ts";
import { ApiError } from "./api-error.ts";
import type { ApiEnvironment, Call } from "./call.ts";
import { takePage } from "./paging.ts";

/** Contexts with the names of their variables, never a value. A scenario's contexts belong to every organization. */
export function contextRoutes(contexts: readonly Context[]): Hono<ApiEnvironment> {
  const idOf = ({ name }: Context) => identify(`context:${name}`);
  const find = (call: Call<"/context/:id">) => {
    const context = contexts.find((candidate) => idOf(candidate) === call.req.param("id"));
    if (!call.var.sight.isKnown() || context === undefined) throw new ApiError(404, "Context not found");
    return context;
  };
  return new Hono<ApiEnvironment>()
    .get("/context", (call) => {
      const owner = call.req.query("owner-id") ?? "";
      if (!call.var.sight.seesOrganization(owner)) throw new ApiError(404, "Organization not found");
      const page = takePage(contexts, idOf, call.req.query("page-token"));
      return call.json({
        ...page,
        items: page.items.map((context) => ({ id: idOf(context), name: context.name })),
      });
    })
    .get("/context/:id/environment-variable", (call) => {
      const context = find(call);
      const page = takePage(Object.keys(context.values), (name) => name, call.req.query("page-token"));
      const items = page.items.map((variable) => ({ variable, context_id: idOf(context) }));
      return call.json({ ...page, items });
    })
    .get("/context/:id/restrictions", (call) => {
      const context = find(call);
      const group = {
        id: identify(`restriction:${context.name}`),
        context_id: idOf(context),
        name: (context.allow ?? []).join(" and "),
        restriction_type: "group",
        restriction_value: identify(`group:${context.name}`),
      };
      return call.json({ items: context.allow === null ? [] : [group], next_page_token: null });
    });
}
