import { realHost } from "../host/real.ts";
import { openScreen } from "../simulator/report/screen.ts";
import { runCommandLine } from "./command-line.ts";
import { interruptOnBrokenPipe } from "./interrupt.ts";

interruptOnBrokenPipe(process.stdout);
interruptOnBrokenPipe(process.stderr);
process.exitCode = await runCommandLine(process.argv.slice(2), {
  screen: openScreen(process.stdout, process.env),
  err: (text) => process.stderr.write(text),
  openHost: realHost,
});
