import { endWith, realHost } from "../../host/real.ts";
import { runCommand } from "../../run-command.ts";
import { definition } from "./definition.ts";
import { sshDeploy } from "./handler.ts";

runCommand(definition, sshDeploy, realHost()).then(endWith);
