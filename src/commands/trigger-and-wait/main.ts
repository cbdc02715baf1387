import { endWith, realHost } from "../../host/real.ts";
import { runCommand } from "../../run-command.ts";
import { definition } from "./definition.ts";
import { triggerAndWait } from "./handler.ts";

runCommand(definition, triggerAndWait, realHost()).then(endWith);
