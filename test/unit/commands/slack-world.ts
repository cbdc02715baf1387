import { definition } from "../../../src/commands/slack-notify/definition.ts";
import { slackNotify } from "../../../src/commands/slack-notify/handler.ts";
import type { ExecResult, Host } from "../../../src/host/host.ts";
import { variableOf } from "../../../src/orb/define-command.ts";
import { marks } from "../../../src/protocol/callback-note.ts";
import { runCommand } from "../../../src/run-command.ts";
import { createFakeHost } from "../../support/fake-host.ts";
import { botToken, createSlackModel, type SlackOptions } from "../../support/slack-model/slack-model.ts";

type Texts = Readonly<Record<string, string>>;

/** A job on a clock that jumps, before a Slack without a network. */
interface WorldOptions extends Partial<SlackOptions> {
  readonly env?: Texts;
  readonly files?: Texts;
  /** What git answers. */
  readonly git?: string;
  /** Every connection fails with this code. */
  readonly isCut?: string;
  /** No request is ever answered. */
  readonly requestsHang?: boolean;
  /** Nothing can be written. */
  readonly isFull?: boolean;
  /** Answers what is not for Slack. */
  readonly circleci?: Host["fetch"];
}

export interface Told {
  readonly exit: number;
  readonly lines: readonly string[];
  readonly calls: readonly string[];
  /** How long it took, in seconds. */
  readonly seconds: number;
}

const job = {
  CIRCLE_JOB: "test",
  CIRCLE_BRANCH: "develop",
  CIRCLE_SHA1: "0123456789abcdef0123456789abcdef01234567",
  CIRCLE_USERNAME: "anna",
  CIRCLE_PROJECT_USERNAME: "acme",
  CIRCLE_PROJECT_REPONAME: "shop",
  CIRCLE_BUILD_URL: "https://circleci.com/gh/acme/shop/7",
  CIRCLE_WORKFLOW_ID: "workflow-1",
  CIRCLE_WORKFLOW_JOB_ID: "job-1",
  CIRCLE_PIPELINE_ID: "pipeline-1",
  CIRCLE_NODE_INDEX: "0",
  SLACK_ACCESS_TOKEN: botToken,
  SLACK_DEFAULT_CHANNEL: "#ci",
};

export const failedMark = { [`${marks.folder}/${marks.failed}`]: "" };

export function createSlackWorld(options: WorldOptions = {}) {
  const { env, files, git, isCut, requestsHang, isFull, circleci, ...slack } = options;
  const result: ExecResult = { exitCode: git === undefined ? 128 : 0, output: "", stdout: git ?? "" };
  const host = createFakeHost({
    env: { ...job, ...env },
    files: { ...files },
    ...(requestsHang && { requestsHang }),
    exec: async ([program]) => {
      if (program !== "git") throw new Error(`this world has no ${program}`);
      return result;
    },
    fetch: async (url, init) => {
      const { origin, pathname } = new URL(url);
      if (circleci !== undefined && !origin.includes("slack")) return circleci(url, init);
      if (requestsHang) {
        return new Promise((_, reject) => {
          init.signal?.addEventListener("abort", () => reject(new Error("aborted")));
        });
      }
      if (isCut !== undefined) throw fail(isCut);
      const headers = Object.fromEntries(new Headers(init.headers));
      const answer = model.answer({
        method: String(init.method),
        path: pathname,
        headers,
        body: String(init.body),
      });
      if (answer === "cut") throw fail("ECONNRESET");
      return new Response(answer.body, { status: answer.status, headers: answer.headers });
    },
  });
  const model = createSlackModel({ now: host.clock.now, ...slack });
  return {
    host,
    model,
    async tell(parameters: Texts = {}, env: Texts = {}): Promise<Told> {
      const given = Object.entries(definition.parameters).map(([name, parameter]) => {
        const preset = typeof parameter.default === "boolean" ? Number(parameter.default) : parameter.default;
        return [variableOf(name), parameters[name] ?? String(preset ?? "")] as const;
      });
      const [lines, calls, start] = [host.lines.length, model.calls.length, host.clock.now()];
      const files = isFull ? { ...host.files, write: refuseToWrite } : host.files;
      const changed = { ...host, files, env: { ...host.env, ...Object.fromEntries(given), ...env } };
      const exit = await runCommand(definition, slackNotify, changed);
      return {
        exit,
        lines: host.lines.slice(lines),
        calls: model.calls.slice(calls),
        seconds: (host.clock.now() - start) / 1000,
      };
    },
  };
}

function fail(code: string): Error {
  return new TypeError("fetch failed", { cause: Object.assign(new Error(`broken: ${code}`), { code }) });
}

async function refuseToWrite(): Promise<void> {
  throw Object.assign(new Error("no room"), { syscall: "write" });
}
