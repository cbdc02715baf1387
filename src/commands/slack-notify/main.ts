import { endWith, realHost } from "../../host/real.ts";
import { runCommand } from "../../run-command.ts";
import { definition } from "./definition.ts";
import { slackNotify } from "./handler.ts";

runCommand(definition, slackNotify, realHost()).then(endWith);
