/** What only the service can tell as well, but not to this script; with the reason. */
export const notAsked: readonly (readonly [question: string, reason: string])[] = [
  [
    "Does a pipeline of an inbound webhook take another project's outbound webhook as its body, and can a filter on it cost nothing?",
    "webhooks must be set up by an organization's administrator",
  ],
  ["When and how often is a webhook that failed sent again?", "it needs a server that the service can reach"],
  [
    "Do the jobs after a hold get the context rights of the bot that approved?",
    "it needs a context that is restricted to a group",
  ],
  ["How large may an orb be, and how large a workspace?", "it would take publishing, or gigabytes"],
  ["Which type have jobs of releases?", "it needs a release agent"],
  [
    "How are steps executed on macOS, Windows and self-hosted runners, and which Node.js is there?",
    "not every plan has them",
  ],
  [
    "May a parameter be declared both in a setup configuration and in the one that it continues with?",
    "it needs a third project, with dynamic configuration",
  ],
  ["How is a trigger refused while all new work is blocked?", "it would block the organization's work"],
  ["Can the language server be built without a network?", "the API does not know"],
];
