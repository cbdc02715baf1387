import { Hono } from "hono";
import type { User } from "../engine/state.ts";
import { ApiError } from "./api-error.ts";
import type { ApiEnvironment } from "./call.ts";
import { viewOrganizations, viewUser } from "./views.ts";

/** `users`: everybody who has ever done anything. */
export function userRoutes(users: () => readonly User[]): Hono<ApiEnvironment> {
  return new Hono<ApiEnvironment>()
    .get("/me", (call) => call.json(viewUser(call.var.sight.user())))
    .get("/me/collaborations", (call) => {
      call.var.sight.user();
      return call.json(viewOrganizations(call.var.sight.projects()));
    })
    .get("/user/:id", (call) => {
      const user = users().find(({ id }) => id === call.req.param("id"));
      if (!call.var.sight.isKnown() || !user) throw new ApiError(404, "User not found");
      return call.json(viewUser(user));
    });
}
