import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bringUpToDate, findStale } from "../../../scripts/generated-files.ts";
import { makeFolder } from "../../support/folders.ts";

test("looking writes nothing, and finds what is stale, missing or too much; writing mends just that", async () => {
  const folder = makeFolder({ "jobs/same.yml": "same", "jobs/stale.yml": "mine", "jobs/old.yml": "old" });
  const [same, stale, old, missing] = ["same", "stale", "old", "missing"].map((name) =>
    join(folder, `jobs/${name}.yml`),
  ) as [string, string, string, string];
  const files = {
    texts: new Map([
      [same, "same"],
      [stale, "new"],
      [missing, "new"],
    ]),
    folders: [join(folder, "jobs")],
  };
  const { mtimeNs } = statSync(same, { bigint: true });

  expect([...(await findStale(files))].sort()).toEqual([missing, old, stale].sort());
  expect([readFileSync(stale, "utf8"), existsSync(missing), existsSync(old)]).toEqual(["mine", false, true]);

  await bringUpToDate(files);
  expect(await findStale(files)).toEqual([]);
  expect([readFileSync(stale, "utf8"), existsSync(missing), existsSync(old)]).toEqual(["new", true, false]);
  expect(statSync(same, { bigint: true }).mtimeNs).toBe(mtimeNs);
});
