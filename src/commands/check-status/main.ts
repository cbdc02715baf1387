import { endWith, realHost } from "../../host/real.ts";
import { runCommand } from "../../run-command.ts";
import { definition } from "./definition.ts";
import { checkStatus } from "./handler.ts";

runCommand(definition, checkStatus, realHost()).then(endWith);
