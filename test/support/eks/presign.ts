import { ECRClient } from "@aws-sdk/client-ecr";

/** What the SDK's signer can do beside what its type says. */
interface Presigner {
  presign(request: object, options: object): Promise<{ readonly query: Readonly<Record<string, string>> }>;
}

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

interface Options {
  readonly region: string;
  readonly keys: Keys;
  /** Signed beside `host`, and not moved into the query. */
  readonly headers: Readonly<Record<string, string>>;
  /** Seconds. */
  readonly expires: number;
  readonly now: Date;
}

/** The query with which the AWS SDK presigns a GET request of STS. */
export async function presignAsSdk(url: string, { region, keys, headers, expires, now }: Options) {
  const client = new ECRClient({ region, credentials: keys });
  const scheme = { name: "sigv4", signingName: "sts", signingRegion: region, properties: {} };
  const signer = (await client.config.signer(scheme)) as unknown as Presigner;
  const { searchParams, hostname, pathname } = new URL(url);
  const request = {
    method: "GET",
    protocol: "https:",
    hostname,
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers: { host: hostname, ...headers },
  };
  const { query } = await signer.presign(request, {
    expiresIn: expires,
    signingDate: now,
    signingService: "sts",
    signingRegion: region,
    unhoistableHeaders: new Set(Object.keys(headers)),
  });
  return query;
}
