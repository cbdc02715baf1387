import { endWith, realHost } from "../../host/real.ts";
import { runCommand } from "../../run-command.ts";
import { definition } from "./definition.ts";
import { sshRollback } from "./handler.ts";

runCommand(definition, sshRollback, realHost()).then(endWith);
