import { expect, test } from "vitest";
import { said } from "../../support/loop.ts";
import { playLoop } from "../../support/virtual-loop.ts";
import { callingWorkflow, child, parent } from "../../support/work-configs.ts";

const lib = child({ test: "success" }, callingWorkflow("integration", ["test"]));
const web = child({ test: "3000:success" }, callingWorkflow("integration", ["test"]));

/** A parent with a second trigger and hold, and one check after both holds. */
function twoTriggers(receipt: string, check: string): string {
  // One after the other: of files that jobs leave side by side, CircleCI itself refuses two of one name.
  const second = `- circleback/trigger-and-wait: { name: trigger-web, project: gh/acme/web, approval-job: hold-web, receipt: ${receipt}, context: circleback, requires: [trigger] }
      - hold-web: { type: approval, requires: [trigger-web] }`;
  return parent({ more: second, check }).replace("requires: [hold], ", "requires: [hold, hold-web], ");
}

test("two receipts of one name are noticed, since one child would go unjudged", async () => {
  const report = await playLoop({
    "gh/acme/app": twoTriggers("child", ""),
    "gh/acme/lib": lib,
    "gh/acme/web": web,
  });
  const { exit, lines } = said(report, "check");
  expect([exit, lines.slice(-2)]).toEqual([
    2,
    [
      expect.stringMatching(
        /^Error: The receipt `child` is that of more than one job \(`trigger(-web)?` and `trigger(-web)?`\), so a child would go unjudged\. \(receipt\.invalid\)$/,
      ),
      "  - Give each trigger of a workflow a `receipt` of its own, and name all in `receipts`.",
    ],
  ]);
});

test("receipts of two names are no twins", async () => {
  const report = await playLoop({
    "gh/acme/app": twoTriggers("web", 'receipts: "child, web"'),
    "gh/acme/lib": lib,
    "gh/acme/web": web,
  });
  expect([report.outcome, said(report, "check").exit]).toEqual(["success", 0]);
});

test("nor are those of jobs that the check does not come after", async () => {
  const apart = twoTriggers("child", "").replace("requires: [hold, hold-web], ", "requires: [hold], ");
  const report = await playLoop({ "gh/acme/app": apart, "gh/acme/lib": lib, "gh/acme/web": web });
  expect(said(report, "check").exit).toBe(0);
});

test("two of one name are noticed without an approval job, too", async () => {
  const awake = twoTriggers("child", "")
    .replaceAll(/approval-job: hold(-web)?/g, "wait: false")
    .replaceAll(/ *- hold(-web)?: .*\n/g, "")
    .replace("requires: [hold, hold-web]", "requires: [trigger-web]");
  const report = await playLoop({ "gh/acme/app": awake, "gh/acme/lib": lib, "gh/acme/web": web });
  const { exit, lines } = said(report, "check");
  expect([exit, lines.at(-2)]).toEqual([2, expect.stringContaining("is that of more than one job")]);
});
