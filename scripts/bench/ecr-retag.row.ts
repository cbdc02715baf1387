import { awsLogin, openEcrWays } from "./ecr-ways.ts";
import { inTurns, type Row } from "./row.ts";

const image = "$registry/acme/shop";

/** What three more tags cost in the job that has just pushed the image: it is there, and so is the login. */
export const row: Row = {
  title: "three more tags after a push",
  unit: "ms",
  against: "docker tag, docker push per tag",
  async measure() {
    const ways = await openEcrWays();
    const threeTags = () => [ways.newVersion(), ways.newVersion(), ways.newVersion()];
    const version = ways.newVersion();
    await ways.ours({ repository: "acme/shop", tags: version });
    await ways.theirs(`${awsLogin}; docker pull ${image}:${version}`);
    return inTurns(
      5,
      async () => {
        const first = ways.newVersion();
        const took = await ways.ours({ repository: "acme/shop", tags: [first, ...threeTags()].join("\n") });
        return took.until("Image: ") - took.until(`\`${first}\` is `);
      },
      async () => {
        const lines = threeTags().map(
          (tag) => `docker tag ${image}:${version} ${image}:${tag}; docker push ${image}:${tag}`,
        );
        return (await ways.theirs(lines.join("\n"))).wall;
      },
    );
  },
};
