import { describe, expect, it } from "vitest";
import { compile } from "../../../src/simulator/compiler/compile.ts";
import { app, ask, makeApi, makeWorld, standalone, type World } from "./world.ts";

const orbs = new Map([["acme/tools@1", "version: 2.1\ncommands: { greet: { steps: [run: hello] } }\n"]]);

const config = `version: 2.1
orbs: { tools: acme/tools@1 }
parameters: { who: { type: string, default: world } }
jobs:
  build:
    docker: [{ image: "cimg/base:1" }]
    steps: [tools/greet, run: "echo << pipeline.parameters.who >> << pipeline.git.branch >>"]
`;

function worldThatCompiles(): World {
  const world = makeWorld();
  return { ...world, engine: { ...world.engine, options: { ...world.engine.options, compile, orbs } } };
}

const compilePath = "/api/v2/compile-config-with-defaults";

function compileWith(options: object) {
  return ask(makeApi(worldThatCompiles()), "POST", compilePath, { config_yaml: config, options }, {});
}

/** What is answered to a token that nobody owns; it is no JSON. */
async function refusalOf(path: string, headers: Readonly<Record<string, string>>) {
  const request = new Request(`http://127.0.0.1:1${path}`, { method: "POST", headers });
  const answer = await makeApi(worldThatCompiles()).fetch(request, null);
  return { status: answer.status, body: await answer.text() };
}

describe("compiling without a pipeline", () => {
  it("takes parameters and values as the CLI sends them", async () => {
    const answer = await compileWith({
      pipeline_parameters: { who: "you" },
      pipeline_values: { "pipeline.git.branch": "main", "pipeline.parameters.who": "you" },
    });
    expect(answer).toEqual({
      status: 200,
      body: {
        valid: true,
        "source-yaml": config,
        "output-yaml": expect.stringContaining("command: echo you main\n"),
        errors: [],
      },
    });
  });

  it("answers 200 with what is wrong", async () => {
    expect(await compileWith({ pipeline_parameters: { whom: "you" } })).toEqual({
      status: 200,
      body: {
        valid: false,
        "source-yaml": config,
        "output-yaml": "",
        errors: [{ message: "parameters: Unexpected argument(s): whom" }],
      },
    });
  });

  it("refuses a request without a configuration, by which the CLI finds out whether the route is there", async () => {
    expect(await ask(makeApi(worldThatCompiles()), "POST", compilePath, undefined, {})).toEqual({
      status: 400,
      body: { message: expect.stringContaining("config_yaml") },
    });
  });

  it("refuses a token that nobody owns", async () => {
    expect(await refusalOf(compilePath, { "circle-token": "bad" })).toEqual({
      status: 401,
      body: "Invalid token provided.",
    });
  });
});

const query =
  "query ValidateOrb ($config: String!) { orbConfig(orbYaml: $config) { valid, errors { message } } }";

describe("GraphQL", () => {
  const send = (body: object) => ask(makeApi(worldThatCompiles()), "POST", "/graphql-unstable", body, {});

  it("validates an orb", async () => {
    const source = "version: 2.1\ncommands: { greet: { steps: [run: hello] } }\n";
    expect(await send({ query, variables: { config: source } })).toEqual({
      status: 200,
      body: { data: { orbConfig: { valid: true, errors: [], sourceYaml: source, outputYaml: source } } },
    });
  });

  it("says what is wrong with an orb", async () => {
    const source = "version: 2.1\ncommands: { greet: { steps: [shout] } }\n";
    const errors = [
      { message: "commands.greet.steps.0.shout: Cannot find a definition for command named shout" },
    ];
    expect(await send({ query, variables: { config: source } })).toEqual({
      status: 200,
      body: { data: { orbConfig: { valid: false, errors, sourceYaml: source, outputYaml: "" } } },
    });
  });

  it("knows no other query", async () => {
    expect(await send({ query: "query I { _schema: __schema { types { name } } }" })).toEqual({
      status: 200,
      body: { errors: [{ message: "Cannot query field `__schema' on type `QueryRoot'." }] },
    });
  });

  it("refuses a token that nobody owns", async () => {
    expect(await refusalOf("/graphql-unstable", { authorization: "bad" })).toEqual({
      status: 401,
      body: "Invalid token provided.",
    });
  });
});

describe("the organizations of a user", () => {
  it("are those of the projects that the token sees", async () => {
    expect(await ask(makeApi(makeWorld()), "GET", "/api/v2/me/collaborations")).toEqual({
      status: 200,
      body: [
        { id: app.organizationId, vcs_type: "github", name: "acme", avatar_url: "", slug: "gh/acme" },
        {
          id: standalone.organizationId,
          vcs_type: "circleci",
          name: "43G3kM5RtfFE7v5sa4nWAU",
          avatar_url: "",
          slug: "circleci/43G3kM5RtfFE7v5sa4nWAU",
        },
      ],
    });
  });

  it("are nobody's without a token", async () => {
    expect(await ask(makeApi(makeWorld()), "GET", "/api/v2/me/collaborations", undefined, {})).toEqual({
      status: 401,
      body: { message: "You must log in first." },
    });
  });
});
