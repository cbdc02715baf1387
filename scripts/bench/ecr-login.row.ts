import { awsLogin, openEcrWays } from "./ecr-ways.ts";
import { inTurns, type Row } from "./row.ts";

/**
 * The login alone, both from the start of the first program to Docker's success. Ours holds more: by then it has also
 * asked ECR for all tags, and begun to look which builder there is and when the commit was made.
 */
export const row: Row = {
  title: "from nothing to logged in to ECR",
  unit: "ms",
  against: awsLogin,
  async measure() {
    const ways = await openEcrWays();
    return inTurns(
      5,
      async () => {
        const took = await ways.ours({ repository: "acme/shop", tags: ways.newVersion() });
        return took.until("Logged in to");
      },
      async () => (await ways.theirs(awsLogin)).until("Login Succeeded"),
    );
  },
};
