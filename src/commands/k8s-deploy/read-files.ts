import { UserError } from "../../errors.ts";
import type { Host } from "../../host/host.ts";
import { type Manifest, readManifests } from "../../kubernetes/read-manifests.ts";
import { UnreadYaml } from "../../kubernetes/read-yaml.ts";

/** All documents of the files, in their order, with the image where they say `${IMAGE}`. */
export async function readFiles(
  { files }: Pick<Host, "files">,
  paths: readonly string[],
  image: string,
): Promise<readonly Manifest[]> {
  const manifests: Manifest[] = [];
  for (const path of paths) {
    const text = await files.read(path);
    if (text === null) {
      throw new UserError("parameter.invalid", `There is no manifest ${path}.`, {
        hints: [
          "`manifest` is seen from the job's working directory; the step `checkout` must come before this one.",
        ],
      });
    }
    if (image === "" && text.includes("${IMAGE}")) {
      throw new UserError(
        "parameter.invalid",
        `${path} says \${IMAGE}, and there is no image to put there.`,
        {
          hints: [
            "Give `image`, or let a job before this one push it with ecr-push, which leaves a release record in the workspace.",
          ],
        },
      );
    }
    manifests.push(...readDocuments(path, text.replaceAll("${IMAGE}", image)));
  }
  if (paths.length === 0 || manifests.length > 0) return manifests;
  throw new UserError("manifest.invalid", `There is nothing to apply in ${paths.join(", ")}.`);
}

function readDocuments(path: string, text: string): readonly Manifest[] {
  try {
    return readManifests(path, text);
  } catch (error) {
    if (!(error instanceof UnreadYaml)) throw error;
    throw new UserError("manifest.invalid", `${error.message}.`, {
      hints: [
        "apiVersion, kind and metadata with name and namespace must be there, one a line, plainly written.",
      ],
    });
  }
}
