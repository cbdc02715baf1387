import * as v from "valibot";
import { UserError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import { NoAnswer } from "../host/request.ts";
import type { Secret } from "../secret.ts";
import { type Answer, sendRequest } from "./http.ts";
import { Me, Message, page } from "./schemas.ts";

/**
 * Calls to one API host with one token. What is not as hoped is thrown as a `UserError` that names the call and
 * what it was about: `circleci.unauthorized`, `circleci.not-found` or `circleci.failed`.
 */
export interface Call {
  readonly origin: string;
  get<S extends v.GenericSchema>(schema: S, path: string, what: string): Promise<v.InferOutput<S>>;
  /** The items of all pages, which are asked for one after the other, as far as the caller goes. */
  list<S extends v.GenericSchema>(
    item: S,
    path: string,
    what: string,
  ): AsyncGenerator<v.InferOutput<S>, void, undefined>;
  getAll<S extends v.GenericSchema>(
    item: S,
    path: string,
    what: string,
  ): Promise<readonly v.InferOutput<S>[]>;
  /** The answer as it is, whatever its status. Throws `NoAnswer`. */
  send(method: "GET" | "POST", path: string, body?: unknown): Promise<Answer>;
  /** Why an answer with another status than hoped came, as far as the service can be asked. */
  explain(answer: Answer, call: string, what: string): Promise<UserError>;
}

export function createCall(host: Host, origin: string, token: Secret): Call {
  host.log.hide(token);
  const send: Call["send"] = (method, path, body) => {
    const url = `${origin}${path.startsWith("/api/") ? path : `/api/v2${path}`}`;
    return sendRequest(host, { method, url, token, ...(body !== undefined && { body }) });
  };

  const call: Call = {
    origin,
    send,
    async get(schema, path, what) {
      const answer = await send("GET", path).catch((error: unknown) => {
        throw explainSilence(error, `GET ${path}`, origin);
      });
      if (answer.status !== 200) throw await call.explain(answer, `GET ${path}`, what);
      return decode(schema, answer.body, `GET ${path}`);
    },
    async *list(item, path, what) {
      const seen = new Set<string>();
      for (let query = ""; ; ) {
        const answer = await call.get(page(item), `${path}${query}`, what);
        yield* answer.items;
        if (!answer.next_page_token) return;
        if (seen.has(answer.next_page_token)) {
          throw new UserError("circleci.failed", `GET ${path} gives the same page again and again.`);
        }
        seen.add(answer.next_page_token);
        query = `${path.includes("?") ? "&" : "?"}page-token=${encodeURIComponent(answer.next_page_token)}`;
      }
    },
    async getAll(item, path, what) {
      const items = [];
      for await (const each of call.list(item, path, what)) items.push(each);
      return items;
    },
    /** A bad token and a missing right both look like 404: asking who the token belongs to tells them apart. */
    async explain(answer, name, what) {
      const said = `${name} was answered ${answer.status}${quote(answer.body)}`;
      if (answer.status >= 300 && answer.status < 400) {
        return new UserError(
          "circleci.failed",
          `${said}: a redirect, which circleback does not follow with a token.`,
          {
            hints: [`Set \`host\` to where the API really is; now it is ${origin}.`],
          },
        );
      }
      if (![401, 403, 404].includes(answer.status)) return new UserError("circleci.failed", `${said}.`);
      const me = await send("GET", "/me").catch(() => null);
      if (me !== null && (me.status === 401 || me.status === 403 || answer.status === 401)) {
        return new UserError("circleci.unauthorized", `${origin} refuses the token (${said}).`, {
          hints: [
            "Create a personal API token under User Settings, Personal API Tokens; project tokens do not work, and tokens expire.",
          ],
        });
      }
      const login = me?.status === 200 && v.is(Me, me.body) ? me.body.login : "the token's owner";
      if (answer.status === 403)
        return new UserError("circleci.unauthorized", `${login} may not do this: ${said}.`, {
          hints: [
            "Give that user the role for it in the project; a token of the scope Read changes nothing: create one of the scope Write.",
          ],
        });
      return new UserError(
        "circleci.not-found",
        `There is no ${what}, or ${login} cannot see it (${said}).`,
        {
          hints: [
            `Check the spelling, and that ${login} has access to the project on CircleCI and on its repository.`,
          ],
        },
      );
    },
  };
  return call;
}

export function explainSilence(error: unknown, call: string, origin: string): Error {
  if (!(error instanceof NoAnswer)) return error instanceof Error ? error : new Error(String(error));
  return new UserError("circleci.failed", `${call} got no answer from ${origin}: ${error.message}`, {
    hints: ["Check the network and `host`; status.circleci.com tells of outages."],
  });
}

export function messageOf(body: unknown): string {
  return v.is(Message, body) ? body.message : JSON.stringify(body).slice(0, 300);
}

export function quote(body: unknown): string {
  const text = typeof body === "string" ? body : messageOf(body);
  return text ? `: "${text.slice(0, 300)}"` : "";
}

function decode<S extends v.GenericSchema>(schema: S, body: unknown, call: string): v.InferOutput<S> {
  const result = v.safeParse(schema, body);
  if (result.success) return result.output;
  const issue = v.summarize(result.issues).split("\n")[0];
  throw new UserError("circleci.failed", `${call} was answered in an unknown form: ${issue}${quote(body)}`);
}
