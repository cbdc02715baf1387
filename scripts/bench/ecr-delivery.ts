import { awsLogin, openEcrWays, type Took } from "./ecr-ways.ts";

/** A whole delivery both ways, traced: a build, a version, three more tags. */
interface Deliveries {
  readonly ours: Took;
  readonly theirs: Took;
}

export const wholeDelivery =
  "aws login, docker build, and per tag docker tag and docker push: a build with four tags";

let done: Promise<Deliveries> | null = null;

export function deliverBothWays(): Promise<Deliveries> {
  done ??= deliver();
  return done;
}

async function deliver(): Promise<Deliveries> {
  const ways = await openEcrWays();
  const fourTags = () => [ways.newVersion(), ways.newVersion(), ways.newVersion(), ways.newVersion()];
  const ours = await ways.ours({ repository: "acme/shop", tags: fourTags().join("\n") }, { trace: true });
  const [first, ...others] = fourTags();
  const image = "$registry/acme/shop";
  const lines = [
    awsLogin,
    `docker build --build-arg API_VERSION=${first} --tag ${image}:${first} .`,
    `docker push ${image}:${first}`,
    ...others.map((tag) => `docker tag ${image}:${first} ${image}:${tag}; docker push ${image}:${tag}`),
  ];
  return { ours, theirs: await ways.theirs(lines.join("\n"), { trace: true }) };
}
