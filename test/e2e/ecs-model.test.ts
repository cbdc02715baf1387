import { Readable } from "node:stream";
import * as sdk from "@aws-sdk/client-ecs";
import { expect, test } from "vitest";
import { hasMoto, openMoto } from "../support/delivery.ts";
import { userCredentials } from "../support/ecr-model/ecr-model.ts";
import { createEcsModel } from "../support/ecs-model/ecs-model.ts";

/** Is the model a fair ECS? AWS's own client understands every field of its answers, and moto answers the like. */

const definition = {
  family: "shop",
  containerDefinitions: [
    {
      name: "web",
      image: "registry.internal:5000/shop:1",
      memory: 128,
      environment: [{ name: "LEVEL", value: "info" }],
    },
  ],
};
const service = { cluster: "main", service: "shop" };
const { accessKeyId, secretAccessKey } = userCredentials;

function connect(where: Pick<sdk.ECSClientConfig, "endpoint" | "requestHandler">): sdk.ECSClient {
  return new sdk.ECSClient({
    ...where,
    region: "eu-west-1",
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
  });
}

/** What a deploy asks, and some that goes wrong, one after the other: the answers, or the names of the errors. */
async function runCorpus(client: sdk.ECSClient): Promise<Readonly<Record<string, unknown>>> {
  const revision = "shop:2";
  const steps: Readonly<Record<string, () => Promise<object>>> = {
    "the service": () => client.send(new sdk.DescribeServicesCommand({ ...service, services: ["shop"] })),
    "no service": () => client.send(new sdk.DescribeServicesCommand({ ...service, services: ["none"] })),
    "no cluster": () => client.send(new sdk.DescribeServicesCommand({ cluster: "none", services: ["shop"] })),
    "the definition": () =>
      client.send(new sdk.DescribeTaskDefinitionCommand({ taskDefinition: "shop:1", include: ["TAGS"] })),
    "no definition": () => client.send(new sdk.DescribeTaskDefinitionCommand({ taskDefinition: "none:1" })),
    register: () => client.send(new sdk.RegisterTaskDefinitionCommand(definition)),
    update: () => client.send(new sdk.UpdateServiceCommand({ ...service, taskDefinition: revision })),
    "update no service": () =>
      client.send(
        new sdk.UpdateServiceCommand({ cluster: "main", service: "none", taskDefinition: revision }),
      ),
    "update to no revision": () =>
      client.send(new sdk.UpdateServiceCommand({ ...service, taskDefinition: "shop:9" })),
    "its tasks": () =>
      client.send(
        new sdk.ListTasksCommand({ cluster: "main", serviceName: "shop", desiredStatus: "STOPPED" }),
      ),
    revisions: () =>
      client.send(
        new sdk.ListTaskDefinitionsCommand({ familyPrefix: "shop", status: "ACTIVE", sort: "DESC" }),
      ),
    deregister: () => client.send(new sdk.DeregisterTaskDefinitionCommand({ taskDefinition: "shop:1" })),
  };
  const outcomes: Record<string, unknown> = {};
  for (const [name, step] of Object.entries(steps)) {
    outcomes[name] = await step().catch((error: Error) => error.name);
  }
  return outcomes;
}

/** The names of all fields, of lists those of the first item; an error is its name. */
function namesIn(value: unknown, depth = 0): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map((item) => namesIn(item, depth + 1));
  if (typeof value === "string" && depth === 0) return value;
  if (typeof value !== "object" || value === null || value instanceof Date) return "";
  const entries = Object.entries(value).filter(([name]) => name !== "$metadata");
  return Object.fromEntries(entries.sort().map(([name, inner]) => [name, namesIn(inner, depth + 1)]));
}

function openModel() {
  const model = createEcsModel({ now: Date.now, services: { shop: {} }, definitions: [definition] });
  const answers: string[] = [];
  const requestHandler = {
    async handle(request: {
      method: string;
      path: string;
      headers: Record<string, string>;
      body: Uint8Array;
    }) {
      const { method, path: target, headers } = request;
      const body = new TextDecoder().decode(request.body);
      const answer = model.answer({ method, target, headers, body }) ?? { status: 500, body: "" };
      answers.push(answer.body);
      const response = {
        statusCode: answer.status,
        headers: {},
        body: Readable.from([Buffer.from(answer.body)]),
      };
      return { response };
    },
  };
  return { model, answers, client: connect({ requestHandler: requestHandler as never }) };
}

test("the model of ECS takes what AWS's own client asks, and answers no field that it does not understand", async () => {
  const { model, answers, client } = openModel();
  const outcomes = Object.values(await runCorpus(client));
  const named = answers.map((answer) => {
    const value = JSON.parse(answer);
    return "__type" in value ? value.__type : namesIn(value);
  });
  expect(outcomes.map((outcome) => namesIn(outcome))).toEqual(named);
  expect(model.complaints()).toEqual([]);
});

/** Fields of the one that the other does not have, as `service.events`. */
function missingFrom(other: unknown, one: unknown, place = ""): readonly string[] {
  if (typeof one === "string") return one === other ? [] : [place];
  if (typeof one !== "object" || one === null) return [];
  if (typeof other !== "object" || other === null) return [place];
  return Object.entries(one).flatMap(([name, inner]) => {
    const path = Array.isArray(one) ? place : [place, name].filter(Boolean).join(".");
    return missingFrom((other as Record<string, unknown>)[name], inner, path);
  });
}

test.runIf(hasMoto())(
  "the model of ECS refuses what moto refuses, and answers what moto answers",
  async () => {
    const moto = connect({ endpoint: (await openMoto()).url });
    await moto.send(new sdk.CreateClusterCommand({ clusterName: "main" }));
    await moto.send(new sdk.RegisterTaskDefinitionCommand(definition));
    const wish = { ...service, serviceName: "shop", taskDefinition: "shop:1", desiredCount: 0 };
    await moto.send(new sdk.CreateServiceCommand(wish));
    const [own, motos] = [await runCorpus(openModel().client), await runCorpus(moto)];
    const differences = Object.entries(own).flatMap(([name, answer]) =>
      missingFrom(namesIn(motos[name]), namesIn(answer)).map((path) => path.replace(/^services?\./, "")),
    );
    // What moto leaves out, and AWS's reference has.
    expect([...new Set(differences)].sort()).toEqual([
      "deploymentConfiguration",
      "events",
      "tags",
      "taskDefinition.containerDefinitions.systemControls",
      "taskDefinition.registeredAt",
      "taskDefinition.registeredBy",
      "taskDefinition.requiresAttributes",
    ]);
  },
);
