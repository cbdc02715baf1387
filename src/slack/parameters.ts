import { parseOrigin } from "../orb/origin.ts";
import { secretIfNeeded, string } from "../orb/parameter.ts";

/** How to get at Slack. */
export const slackParameters = {
  "slack-token": secretIfNeeded({
    description:
      "Name of the environment variable that holds the token of a Slack app's bot (xoxb-...), with the scope chat:write.",
    default: "SLACK_ACCESS_TOKEN",
  }),
  webhook: secretIfNeeded({
    description:
      "Name of the environment variable that holds the address of an incoming webhook, for whoever has no token: it posts to one channel, and cannot update messages.",
    default: "SLACK_WEBHOOK",
  }),
  "slack-host": string(
    {
      description: "Where Slack's API is: slack-gov.com for GovSlack. Empty: https://slack.com.",
      default: "",
    },
    (text) => parseOrigin(text || "https://slack.com", "https://slack-gov.com"),
  ),
} as const;
