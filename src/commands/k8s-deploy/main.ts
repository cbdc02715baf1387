import { endWith, realHost } from "../../host/real.ts";
import { runCommand } from "../../run-command.ts";
import { definition } from "./definition.ts";
import { k8sDeploy } from "./handler.ts";

runCommand(definition, k8sDeploy, realHost()).then(endWith);
