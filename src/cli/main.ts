import { openScreen } from "../simulator/report/screen.ts";
import { runCommandLine } from "./command-line.ts";

process.exitCode = await runCommandLine(process.argv.slice(2), {
  screen: openScreen(process.stdout, process.env),
  err: (text) => process.stderr.write(text),
});
