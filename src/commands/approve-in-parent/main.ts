import { endWith, realHost } from "../../host/real.ts";
import { runCommand } from "../../run-command.ts";
import { definition } from "./definition.ts";
import { approveInParent } from "./handler.ts";

runCommand(definition, approveInParent, realHost()).then(endWith);
