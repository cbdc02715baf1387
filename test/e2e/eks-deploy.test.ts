import { afterAll, describe, expect, test } from "vitest";
import { runBundle } from "../support/bundle.ts";
import { hasMoto, openMoto } from "../support/delivery.ts";
import { userCredentials } from "../support/ecr-model/ecr-model.ts";
import { type Eks, startEks } from "../support/eks/eks-front.ts";
import { makeFolder } from "../support/folders.ts";
import { hiddenValue, imageAt, openWithApi } from "../support/kubernetes.ts";
import { parameterVariables } from "../support/service.ts";

/** The built program before moto's EKS and STS, and the model of Kubernetes as the cluster. */

const fronts: Eks[] = [];
afterAll(async () => {
  await Promise.all(fronts.map((front) => front.stop()));
});

async function openCluster() {
  const cluster = await openWithApi();
  const eks = await startEks(await openMoto(), cluster);
  fronts.push(eks);
  return { cluster, eks };
}

const user = {
  AWS_ACCESS_KEY_ID: userCredentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: userCredentials.secretAccessKey,
};

type Texts = Readonly<Record<string, string>>;

async function deploy({ url }: Eks, parameters: Texts, credentials: Texts = user) {
  const given = { cluster: "prod", region: "eu-west-1", namespace: "web", workload: "deployment/api" };
  const variables = await parameterVariables("k8s-deploy", {
    ...given,
    image: "registry/api:2",
    ...parameters,
  });
  const env = { PATH: process.env.PATH ?? "", AWS_ENDPOINT_URL: url, ...credentials, ...variables };
  const result = await runBundle("k8s-deploy", env, makeFolder());
  const output = result.stdout + result.stderr;
  const secrets = ["k8s-aws-v1.", "X-Amz-Signature", userCredentials.secretAccessKey, hiddenValue];
  return { ...result, leaks: secrets.filter((secret) => output.includes(secret)) };
}

describe.runIf(hasMoto())("k8s-deploy to Amazon EKS", () => {
  test("comes in with a token of the user's own signature", async () => {
    const { cluster, eks } = await openCluster();
    const { exitCode, stdout, stderr, leaks } = await deploy(eks, {});
    expect([exitCode, stderr, leaks, imageAt(cluster)]).toEqual([0, "", [], "registry/api:2"]);
    expect(stdout).toContain(`Cluster: ${cluster.url} (the cluster prod (eu-west-1)), namespace web`);
    expect([...eks.callers]).toEqual(["arn:aws:sts::123456789012:user/moto"]);
  });

  test("comes in as the role that it assumes with the job's OpenID Connect token", async () => {
    const { cluster, eks } = await openCluster();
    const claims = Buffer.from(JSON.stringify({ sub: "org/o/project/p" })).toString("base64url");
    const { exitCode, leaks } = await deploy(
      eks,
      { "role-arn": "arn:aws:iam::123456789012:role/deployer" },
      { CIRCLE_OIDC_TOKEN_V2: `e30.${claims}.x`, CIRCLE_PROJECT_REPONAME: "shop", CIRCLE_BUILD_NUM: "7" },
    );
    expect([exitCode, leaks, imageAt(cluster)]).toEqual([0, [], "registry/api:2"]);
    expect([...eks.callers]).toEqual(["arn:aws:sts::123456789012:assumed-role/deployer/circleback-shop-7"]);
  });

  test("knows EKS's answer for no such cluster", async () => {
    const { cluster, eks } = await openCluster();
    const { exitCode, errorCode, leaks } = await deploy(eks, { cluster: "test" });
    expect([exitCode, errorCode, leaks, cluster.calls]).toEqual([5, "cluster.not-found", [], []]);
  });

  test("is refused by EKS with a wrong key, before anybody is asked for more", async () => {
    const { cluster, eks } = await openCluster();
    const { exitCode, errorCode, leaks } = await deploy(eks, {}, { ...user, AWS_SECRET_ACCESS_KEY: "wrong" });
    expect([exitCode, errorCode, leaks, cluster.calls]).toEqual([3, "aws.unauthorized", [], []]);
  });

  test("names the access entry that is missing where the cluster does not know the caller", async () => {
    const { cluster, eks } = await openCluster();
    cluster.identify = async () => undefined;
    const { exitCode, errorCode, stderr, leaks } = await deploy(eks, {});
    expect([exitCode, errorCode, leaks, cluster.calls]).toEqual([3, "cluster.unauthorized", [], []]);
    expect(stderr).toContain("aws eks create-access-entry --cluster-name prod --principal-arn <arn>");
  });
});
