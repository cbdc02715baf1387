import { expect, test } from "vitest";
import { selectRows } from "../../../scripts/bench/select-rows.ts";

const measure = async () => ({ ours: [], theirs: [] });
const rows = ["ecr-login", "ssh-hosts"].map((name) => ({
  file: `${name}.row.ts`,
  row: { title: `${name} once`, unit: "ms", against: "curl", measure } as const,
}));

test("rows are chosen by words of their titles and files; without any, all are", () => {
  expect(selectRows(rows, [])).toEqual(rows);
  expect(selectRows(rows, ["login"])).toEqual([rows[0]]);
});

test.each([[["--help"]], [["login", "logni"]]])("measures nothing for words that no row has: %j", (words) => {
  expect(() => selectRows(rows, words)).toThrow(
    `No row of the bench has ${words.at(-1)} in its title or file name. They are:\n  ecr-login.row.ts: ecr-login once`,
  );
});
