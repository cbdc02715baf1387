import { UserError } from "../../errors.ts";
import type { Files, Host } from "../../host/host.ts";
import { outputLimit, outputPath } from "../../protocol/outputs.ts";
import type { SetInput } from "./definition.ts";
import { findSecret } from "./find-secret.ts";
import { listExports } from "./list-exports.ts";

export async function setOutput({ key, value, file }: SetInput, host: Host): Promise<void> {
  const json = value === null ? await readDocument(host.files, file) : JSON.stringify(value);
  const bytes = Buffer.byteLength(json);
  if (bytes > outputLimit) {
    throw new UserError(
      "output.invalid",
      `The output \`${key}\` has ${bytes} bytes as JSON; ${outputLimit} are allowed.`,
      { hints: ["Store what is large as an artifact, and set where it is, or its revision, as the output."] },
    );
  }
  const variable = findSecret(json, host.env, await listExports(host.files));
  if (variable !== null) {
    throw new UserError(
      "output.invalid",
      `The output \`${key}\` holds what ${variable} holds, and everybody who sees this pipeline could read it.`,
      {
        hints: [
          "Give the parent's jobs a context of their own with the secret. Nothing was stored.",
          `If it is none: a variable whose name has TOKEN, SECRET, PASSWORD or KEY in it is taken for one, so give ${variable} another name.`,
        ],
      },
    );
  }
  await host.files.write(outputPath(key), `${json}\n`);
  host.log.info(`Set the output \`${key}\` (${bytes} bytes of JSON).`);
}

/** The text as it is written: numbers that are too long for JavaScript stay what they are. */
async function readDocument(files: Files, file: string): Promise<string> {
  const text = await files.read(file).catch((cause: unknown) => {
    throw new UserError("output.invalid", `${file} cannot be read.`, { cause });
  });
  if (text === null) {
    throw new UserError("output.invalid", `There is no file ${file}.`, {
      hints: ["Write the path as it is seen from the job's working directory; an earlier step must make it."],
    });
  }
  try {
    JSON.parse(text);
    return text.trim();
  } catch (cause) {
    throw new UserError("output.invalid", `${file} is no JSON document.`, {
      hints: ["For a plain text use `value`, which takes it as it is."],
      cause,
    });
  }
}
