import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeFolder } from "./folders.ts";

type Texts = Readonly<Record<string, string>>;

/** Where a job of one step runs: a checkout, a home and a folder for temporary files, all its own. */
export interface JobFolder {
  readonly directory: string;
  readonly temporary: string;
  /** First on its PATH. */
  readonly tools: string;
  /** What every job has, whatever it does. */
  readonly env: Texts;
  /** What a step leaves behind that nobody asked for: files in its home, and temporary ones. */
  leftovers(): readonly string[];
  /** A file of the checkout, or null. */
  read(path: string): string | null;
}

export function openJobFolder(files: Texts): JobFolder {
  const folder = makeFolder();
  const place = (name: string) => {
    mkdirSync(join(folder, name));
    return join(folder, name);
  };
  const [directory, home, temporary, tools] = ["project", "home", "tmp", "tools"].map(place) as [
    string,
    string,
    string,
    string,
  ];
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), content);
  }
  return {
    directory,
    temporary,
    tools,
    env: {
      PATH: `${tools}:${process.env.PATH}`,
      HOME: home,
      TMPDIR: temporary,
      BASH_ENV: join(folder, "bash-env"),
      CIRCLE_BUILD_NUM: "7",
      CIRCLE_BRANCH: "main",
      CIRCLE_SHA1: "5f3d1c0a9b8e7d6c5b4a39281706f5e4d3c2b1a0",
      CIRCLE_PIPELINE_ID: "pipeline-1",
      CIRCLE_BUILD_URL: "https://circleci.com/gh/acme/shop/7",
      CIRCLE_PROJECT_REPONAME: "shop",
      CIRCLE_REPOSITORY_URL: "git@github.com:acme/shop.git",
    },
    leftovers: () => [...readdirSync(home), ...readdirSync(temporary)],
    read: (path) => readIfThere(join(directory, path)) ?? readIfThere(join(folder, path)),
  };
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
