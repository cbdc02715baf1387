import { host, parseSlug, token } from "../../circleci/parameters.ts";
import { normalizeSlug } from "../../circleci/slug.ts";
import { defineCommand, type Input } from "../../orb/define-command.ts";
import { installNode } from "../../orb/install-node.ts";
import { boolean, duration, integer, string } from "../../orb/parameter.ts";
import { parseList } from "../../protocol/judging.ts";
import { checkCursor, parseCursor } from "./cursor.ts";

export const definition = defineCommand({
  name: "sweep",
  description:
    "For a schedule: find the approval jobs that still wait for a child that has ended without calling back, and resolve them; and cancel the children of cancelled workflows where `cancel-child` asks for it. Touches nothing but what a receipt of trigger-and-wait names.",
  jobDescription:
    "For a schedule: resolve the approval jobs whose child has ended without calling back. A schedule that runs as the scheduling system cannot use contexts that are restricted to groups: let it run as a user who may.",
  title: "Sweep up forgotten approval jobs",
  parameters: {
    projects: string(
      { description: "Slugs of the parents' projects, separated by commas." },
      (text): readonly string[] => {
        const slugs = new Map(parseList(text).map((slug) => [normalizeSlug(slug), parseSlug(slug)]));
        return [...slugs.values()];
      },
    ),
    "dry-run": boolean({
      description: "True: say what would be done, and do nothing.",
      default: false,
    }),
    "max-age": duration({
      description: "How long ago the parents' pipelines may have been created: older ones are not looked at.",
      default: "14d",
    }),
    "max-calls": integer({
      description:
        "Stop after so many requests to the API, at the end of the pipeline in hand, and say with which `cursor` to go on.",
      default: 500,
      least: 1,
    }),
    cursor: string(
      {
        description:
          "Where to go on, as a sweep that has stopped at `max-calls` says it. Empty: at the beginning.",
        default: "",
      },
      parseCursor,
    ),
    token,
    host,
    "install-node": installNode,
  },
  rules: checkCursor,
});

export type SweepInput = Input<typeof definition>;
