import { endWith, realHost } from "../../host/real.ts";
import { runCommand } from "../../run-command.ts";
import { definition } from "./definition.ts";
import { ecsDeploy } from "./handler.ts";

runCommand(definition, ecsDeploy, realHost()).then(endWith);
