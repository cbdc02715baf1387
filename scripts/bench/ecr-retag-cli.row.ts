import { openEcrWays } from "./ecr-ways.ts";
import { inTurns, type Row } from "./row.ts";

/** The whole of a job of its own, and the way in which ECR's user guide adds tags without moving a layer. */
export const row: Row = {
  title: "three more tags in a job of their own",
  unit: "ms",
  against: "aws ecr batch-get-image, aws ecr put-image per tag",
  async measure() {
    const ways = await openEcrWays();
    const version = ways.newVersion();
    await ways.ours({ repository: "acme/shop", tags: version });
    const threeTags = () => [ways.newVersion(), ways.newVersion(), ways.newVersion()];
    const read = `aws ecr batch-get-image --repository-name acme/shop --image-ids imageTag=${version} --output text --query 'images[].imageManifest'`;
    return inTurns(
      3,
      async () => {
        const tags = [version, ...threeTags()].join("\n");
        return (await ways.ours({ repository: "acme/shop", tags, "skip-build": "1" })).wall;
      },
      async () => {
        const puts = threeTags().map(
          (tag) =>
            `aws ecr put-image --repository-name acme/shop --image-tag ${tag} --image-manifest "$manifest"`,
        );
        return (await ways.theirs([`manifest=$(${read})`, ...puts].join("\n"))).wall;
      },
    );
  },
};
