import { expect, test } from "vitest";
import { openEks } from "../../../src/aws/eks.ts";
import { UserError } from "../../../src/errors.ts";
import { Secret } from "../../../src/secret.ts";
import { createFakeHost } from "../../support/fake-host.ts";

const keys = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: new Secret("wJalrXUtnFEMI"), sessionToken: null };
const store = { get: async () => keys, canRenew: () => false, drop: () => {} };
const cluster = { name: "prod", region: "eu-central-1" };

function answering(status: number, body: object) {
  const asked: string[] = [];
  const host = createFakeHost({
    fetch: async (url, init) => {
      asked.push(`${init.method} ${url}`);
      return new Response(JSON.stringify(body), { status });
    },
  });
  return { host, asked };
}

test("asks EKS once for address and authority, and renews the token before its time is over", async () => {
  const data = Buffer.from("-----BEGIN CERTIFICATE-----").toString("base64");
  const endpoint = "https://ABC.gr7.eu-central-1.eks.amazonaws.com";
  const { host, asked } = answering(200, {
    cluster: { status: "ACTIVE", endpoint, certificateAuthority: { data } },
  });
  const access = await openEks(host, cluster, store);
  const first = await access.bearer();
  const second = await access.bearer();
  await host.clock.sleep(11 * 60_000);
  const third = await access.bearer();
  expect([asked, access.server, access.trust.authority]).toEqual([
    ["GET https://eks.eu-central-1.amazonaws.com/clusters/prod"],
    endpoint,
    "-----BEGIN CERTIFICATE-----",
  ]);
  expect([first === second, first?.reveal() === third?.reveal()]).toEqual([true, false]);
  host.log.info(`${first?.reveal()} ${third?.reveal()}`);
  expect(host.lines).toEqual(["[secret] [secret]"]);
});

test.each<[string, number, object, string, RegExp]>([
  [
    "a cluster that is not there",
    404,
    { __type: "ResourceNotFoundException", message: "No cluster found" },
    "cluster.not-found",
    /There is no EKS cluster prod in eu-central-1/,
  ],
  [
    "a cluster in the making",
    200,
    { cluster: { status: "CREATING" } },
    "cluster.unreachable",
    /has no address: it is CREATING/,
  ],
  [
    "a role that may not look",
    403,
    { __type: "AccessDeniedException", message: "no" },
    "aws.unauthorized",
    /EKS DescribeCluster was answered 403/,
  ],
])("tells of %s", async (_, status, body, code, words) => {
  const { host } = answering(status, body);
  const error = await openEks(host, cluster, store).catch((thrown: unknown) => thrown);
  if (!(error instanceof UserError)) throw error;
  expect([error.code, error.message]).toEqual([code, expect.stringMatching(words)]);
  if (code === "aws.unauthorized") expect(error.hints.join()).toContain("eks:DescribeCluster");
});
