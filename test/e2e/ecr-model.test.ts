import {
  BatchGetImageCommand,
  CreateRepositoryCommand,
  DescribeImageScanFindingsCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  PutImageCommand,
} from "@aws-sdk/client-ecr";
import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { describe, expect, test } from "vitest";
import { hasEngine, hasMoto, hasRegistry, openEcr, openEngine, openMoto } from "../support/delivery.ts";
import { baseImage, type DockerEngine } from "../support/docker-engine.ts";
import { type EcrModel, userCredentials } from "../support/ecr-model/ecr-model.ts";
import { digestOf } from "../support/ecr-model/manifests.ts";
import { uploadTinyImage } from "../support/tiny-image.ts";

/** Is the model a fair ECR? AWS's own client takes its answers, and moto gives answers of the same form. */

const { accessKeyId, secretAccessKey } = userCredentials;

function connect(endpoint: string, credentials: object = { accessKeyId, secretAccessKey }): ECRClient {
  return new ECRClient({
    endpoint,
    region: "eu-west-1",
    credentials: { accessKeyId, secretAccessKey, ...credentials },
    maxAttempts: 1,
  });
}

/** What is in an answer, without what is a matter of chance. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (value instanceof Date) return "date";
  if (typeof value !== "object" || value === null) return typeof value;
  const entries = Object.entries(value).filter(([name]) => name !== "$metadata");
  return Object.fromEntries(entries.map(([name, member]) => [name, shapeOf(member)]));
}

type Outcome = { readonly answer: unknown } | { readonly error: string };

async function outcomeOf(call: Promise<unknown>): Promise<Outcome> {
  try {
    return { answer: shapeOf(await call) };
  } catch (error) {
    return { error: (error as Error).name };
  }
}

/** Calls that a delivery makes and some that go wrong, one after the other. */
async function runCorpus(client: ECRClient, manifest: string): Promise<Readonly<Record<string, Outcome>>> {
  const repositoryName = "team/app";
  const put = (imageTag: string) =>
    client.send(new PutImageCommand({ repositoryName, imageTag, imageManifest: manifest }));
  const create = () =>
    client.send(
      new CreateRepositoryCommand({
        repositoryName,
        imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters: [{ filterType: "WILDCARD", filter: "develop" }],
        imageScanningConfiguration: { scanOnPush: true },
      }),
    );
  const describeImages = (imageTag: string) =>
    client.send(new DescribeImagesCommand({ repositoryName, imageIds: [{ imageTag }] }));
  const read = (repository: string) =>
    client.send(
      new BatchGetImageCommand({
        repositoryName: repository,
        imageIds: [{ imageTag: "1.0" }, { imageTag: "none" }],
      }),
    );
  const scan = (imageTag: string) =>
    client.send(new DescribeImageScanFindingsCommand({ repositoryName, imageId: { imageTag } }));
  const outcomes: Record<string, Outcome> = {};
  const steps: Readonly<Record<string, () => Promise<unknown>>> = {
    login: () => client.send(new GetAuthorizationTokenCommand({})),
    create,
    "create again": create,
    repositories: () => client.send(new DescribeRepositoriesCommand({ repositoryNames: [repositoryName] })),
    "unknown repository": () =>
      client.send(new DescribeRepositoriesCommand({ repositoryNames: ["unknown"] })),
    put: () => put("1.0"),
    "put again": () => put("1.0"),
    "put another tag": () => put("develop"),
    read: () => read(repositoryName),
    "read in an unknown repository": () => read("unknown"),
    "describe an image": () => describeImages("1.0"),
    "describe an unknown image": () => describeImages("none"),
    "findings without a scan": () => scan("1.0"),
    "findings of an unknown image": () => scan("none"),
    "create with filters that do not fit": () =>
      client.send(
        new CreateRepositoryCommand({
          repositoryName: "another",
          imageTagMutability: "IMMUTABLE",
          imageTagMutabilityExclusionFilters: [{ filterType: "WILDCARD", filter: "x" }],
        }),
      ),
  };
  for (const [name, step] of Object.entries(steps)) outcomes[name] = await outcomeOf(step());
  return outcomes;
}

const canServe = hasRegistry();
const canAsk = hasMoto();

describe.runIf(canServe)("the model of ECR", () => {
  test.runIf(canAsk)("answers in the form in which moto answers", async () => {
    const [{ model, registry }, moto] = await Promise.all([openEcr(), openMoto()]);
    const manifest = await uploadTinyImage(registry, "team/app", "one");
    const [ours, theirs] = await Promise.all([
      runCorpus(connect(model.url), manifest),
      runCorpus(connect(moto.url), manifest),
    ]);
    expect(ours).toEqual(theirs);
  });

  test("keeps tags that are immutable, and moves the others", async () => {
    const { model, registry } = await openEcr({
      repositories: {
        app: {
          imageTagMutability: "IMMUTABLE_WITH_EXCLUSION",
          imageTagMutabilityExclusionFilters: [{ filterType: "WILDCARD", filter: "dev*" }],
        },
      },
    });
    const client = connect(model.url);
    const [one, two] = [
      await uploadTinyImage(registry, "app", "one"),
      await uploadTinyImage(registry, "app", "two"),
    ];
    const put = (imageTag: string, imageManifest: string) =>
      outcomeOf(client.send(new PutImageCommand({ repositoryName: "app", imageTag, imageManifest })));
    const answers = [
      await put("1.0", one),
      await put("1.0", one),
      await put("1.0", two),
      await put("develop", one),
      await put("develop", two),
    ];
    expect(answers.map((answer) => ("error" in answer ? answer.error : "put"))).toEqual([
      "put",
      "ImageAlreadyExistsException",
      "ImageTagAlreadyExistsException",
      "put",
      "put",
    ]);
    expect(await model.tags("app")).toEqual({ "1.0": digestOf(one), develop: digestOf(two) });
  });

  test("takes no manifest whose digest is another, or whose layers are not there", async () => {
    const { model, registry } = await openEcr({ repositories: { app: {}, other: {} } });
    const client = connect(model.url);
    const imageManifest = await uploadTinyImage(registry, "app", "one");
    const put = (repositoryName: string, imageDigest?: string) =>
      outcomeOf(
        client.send(
          new PutImageCommand({
            repositoryName,
            imageTag: "1",
            imageManifest,
            ...(imageDigest && { imageDigest }),
          }),
        ),
      );
    expect([await put("app", digestOf("other")), await put("other"), await model.tags("app")]).toEqual([
      { error: "ImageDigestDoesNotMatchException" },
      { error: "LayersNotFoundException" },
      {},
    ]);
  });

  test("tells the findings of a scan", async () => {
    const { model, registry } = await openEcr({ repositories: { app: {} } });
    const client = connect(model.url);
    const imageManifest = await uploadTinyImage(registry, "app", "one");
    await client.send(new PutImageCommand({ repositoryName: "app", imageTag: "1", imageManifest }));
    model.setFindings(digestOf(imageManifest), { CRITICAL: 1, LOW: 2 });
    const { imageScanFindings, imageScanStatus } = await client.send(
      new DescribeImageScanFindingsCommand({ repositoryName: "app", imageId: { imageTag: "1" } }),
    );
    expect([
      imageScanStatus?.status,
      imageScanFindings?.findingSeverityCounts,
      imageScanFindings?.findings?.length,
    ]).toEqual(["COMPLETE", { CRITICAL: 1, LOW: 2 }, 3]);
  });

  test.each([
    ["another secret", { secretAccessKey: "another" }, "InvalidSignatureException"],
    ["an unknown key", { accessKeyId: "AKIAUNKNOWN" }, "UnrecognizedClientException"],
    ["a session token that is not the key's", { sessionToken: "x" }, "UnrecognizedClientException"],
  ])("lets nobody in with %s", async (_, credentials, error) => {
    const { model } = await openEcr();
    const login = connect(model.url, credentials).send(new GetAuthorizationTokenCommand({}));
    expect([await outcomeOf(login), model.calls]).toEqual([
      { error },
      [`GetAuthorizationToken 400 ${error}`],
    ]);
  });

  test("says what a policy does not allow, and what is expired", async () => {
    const { model } = await openEcr({ allowed: ["ecr:GetAuthorizationToken"], repositories: { app: {} } });
    const client = connect(model.url);
    const read = () => outcomeOf(client.send(new DescribeImagesCommand({ repositoryName: "app" })));
    const denied = await read();
    model.expireCredentials();
    expect([denied, await read(), model.permissions]).toEqual([
      { error: "AccessDeniedException" },
      { error: "ExpiredTokenException" },
      ["ecr:DescribeImages"],
    ]);
  });

  test("complains at the end of fields and actions that the reference does not know, and of faults that never came", async () => {
    const { model, registry } = await openEcrUnwatched();
    const client = connect(model.url);
    // The SDK leaves unknown fields out; a wrong type it passes on.
    const wrongType = { repositoryName: 5 } as unknown as { repositoryName: string };
    await outcomeOf(client.send(new DescribeImagesCommand(wrongType)));
    model.fail({ action: "PutImage", code: "ThrottlingException" });
    await expect(model.stop()).rejects.toThrow(
      "repositoryName is no string: 5\nPutImage did not fail as often as planned",
    );
    await registry.stop();
  });

  test.runIf(canAsk)("lets moto lend credentials that then open ECR", async () => {
    const { model } = await openEcr({
      moto: await openMoto(),
      trustedRoles: ["arn:aws:iam::123456789012:role/ci"],
    });
    const sts = new STSClient({ endpoint: model.url, region: "eu-west-1", maxAttempts: 1 });
    const assume = (name: string) =>
      sts.send(
        new AssumeRoleWithWebIdentityCommand({
          RoleArn: `arn:aws:iam::123456789012:role/${name}`,
          RoleSessionName: "circleback",
          WebIdentityToken: "a.b.c",
        }),
      );
    const { Credentials } = await assume("ci");
    const client = connect(model.url, {
      accessKeyId: Credentials?.AccessKeyId,
      secretAccessKey: Credentials?.SecretAccessKey,
      sessionToken: Credentials?.SessionToken,
    });
    await client.send(new GetAuthorizationTokenCommand({}));
    expect([await outcomeOf(assume("other")), model.calls]).toEqual([
      { error: "AccessDenied" },
      [
        "AssumeRoleWithWebIdentity 200",
        "GetAuthorizationToken 200",
        "AssumeRoleWithWebIdentity 403 AccessDenied",
      ],
    ]);
  });
});

/** Stopped by its test. */
async function openEcrUnwatched() {
  const { startRegistry } = await import("../support/registry.ts");
  const { startEcrModel } = await import("../support/ecr-model/ecr-model.ts");
  const registry = await startRegistry();
  return { registry, model: await startEcrModel({ registry }) };
}

describe.runIf(canServe && hasEngine())("the registry's side of the model", () => {
  async function login(model: EcrModel) {
    const { authorizationData } = await connect(model.url).send(new GetAuthorizationTokenCommand({}));
    const token = Buffer.from(authorizationData?.[0]?.authorizationToken ?? "", "base64").toString();
    const engine = await openEngine();
    await engine.docker(
      ["login", "--username", "AWS", "--password-stdin", model.registryAddress],
      token.slice(4),
    );
    return engine;
  }

  async function push(engine: DockerEngine, image: string): Promise<string> {
    await engine.docker(["tag", baseImage, image]);
    return engine.docker(["push", "--quiet", image]).then(
      (said) => said.trim(),
      ({ message }: Error) => message,
    );
  }

  test("lets docker push once to an immutable tag, and to known repositories only", async () => {
    const { model } = await openEcr({ repositories: { app: { imageTagMutability: "IMMUTABLE" } } });
    const engine = await login(model);
    const image = `${model.registryAddress}/app:1.0`;
    expect([
      await push(engine, image),
      await push(engine, image),
      await push(engine, `${model.registryAddress}/other:1`),
    ]).toEqual([
      image,
      "tag invalid: The image tag '1.0' already exists in the 'app' repository and cannot be overwritten because the tag is immutable.",
      "name unknown: The repository with name 'other' does not exist in the registry with id '123456789012'",
    ]);
    expect(Object.keys(await model.tags("app"))).toEqual(["1.0"]);
  });

  test("refuses a password that has expired, and one that may not push", async () => {
    const { model } = await openEcr({ repositories: { app: {} }, allowed: ["ecr:GetAuthorizationToken"] });
    const engine = await login(model);
    const image = `${model.registryAddress}/app:1.0`;
    const denied = await push(engine, image);
    model.expireTokens();
    expect([denied, await push(engine, image)]).toEqual([
      expect.stringMatching(
        /^denied: User: arn:aws:iam::123456789012:user\/ci is not authorized to perform: ecr:/,
      ),
      "denied: Your authorization token has expired. Reauthenticate and try again.",
    ]);
  });
});
