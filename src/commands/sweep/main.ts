import { endWith, realHost } from "../../host/real.ts";
import { runCommand } from "../../run-command.ts";
import { definition } from "./definition.ts";
import { sweep } from "./handler.ts";

runCommand(definition, sweep, realHost()).then(endWith);
