import { endWith, realHost } from "../../host/real.ts";
import { runCommand } from "../../run-command.ts";
import { definition } from "./definition.ts";
import { setOutput } from "./handler.ts";

runCommand(definition, setOutput, realHost()).then(endWith);
