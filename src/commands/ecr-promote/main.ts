import { endWith, realHost } from "../../host/real.ts";
import { runCommand } from "../../run-command.ts";
import { definition } from "./definition.ts";
import { ecrPromote } from "./handler.ts";

runCommand(definition, ecrPromote, realHost()).then(endWith);
