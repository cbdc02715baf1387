import { awsLogin, openEcrWays } from "./ecr-ways.ts";
import { inTurns, type Row } from "./row.ts";

/** Ours counts from the start of the program, and has looked for the tags by then as well. */
export const row: Row = {
  title: "logged in to ECR",
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
