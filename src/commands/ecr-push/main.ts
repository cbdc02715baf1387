import { endWith, realHost } from "../../host/real.ts";
import { runCommand } from "../../run-command.ts";
import { definition } from "./definition.ts";
import { ecrPush } from "./handler.ts";

runCommand(definition, ecrPush, realHost()).then(endWith);
