import { describe, expect, it } from "vitest";
import { renderHtml } from "../../../src/simulator/report/html-report.ts";
import type { Report } from "../../../src/simulator/report/report.ts";
import {
  failingChild,
  fivePipelines,
  halfSecond,
  hostileReport,
  parentAndChild,
  sampleReport,
  twoHours,
} from "../../support/sample-report.ts";

const samples: Readonly<Record<string, Report>> = {
  parentAndChild: parentAndChild(),
  failingChild: failingChild(),
  fivePipelines: fivePipelines(),
  twoHours: twoHours(),
  halfSecond: halfSecond(),
  hostile: hostileReport(),
  nothing: sampleReport({ until: 0, pipelines: [] }),
};

describe.each(Object.entries(samples))("the page of %s", (_, report) => {
  const page = renderHtml(report, { secrets: [] });

  it("holds no script and refers to nothing outside itself", () => {
    const tags = [...page.matchAll(/<([a-z]+)/g)].map(([, tag]) => tag);
    expect(
      tags.filter((tag) =>
        ["script", "img", "link", "iframe", "object", "embed", "form", "a", "base"].includes(tag ?? ""),
      ),
    ).toEqual([]);
    expect(
      page.replace(/="[^"]*"/g, '=""').match(/<[^>]*\s(?:src|href|on[a-z]+|action|srcset|data)=/g),
    ).toBeNull();
    expect(page.match(/url\((?!#)|@import/g)).toBeNull();
  });

  it("forbids every request and every script by its policy, before anything else", () => {
    const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
    const head = `<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="${policy.replaceAll("'", "&#39;")}">`;
    expect(page.slice(0, head.length)).toBe(head);
  });

  it("gives every button a panel and every id once", () => {
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    const targets = [...page.matchAll(/ popovertarget="([^"]*)"/g)].map(([, id]) => id);
    expect(ids).toEqual([...new Set(ids)]);
    expect([...new Set(targets)].filter((target) => !ids.includes(target))).toEqual([]);
  });

  it("closes what it opens", () => {
    const open: string[] = [];
    for (const [, slash, tag = "", attributes = ""] of page.matchAll(/<(\/?)([a-z0-9]+)((?:\s[^>]*)?)>/g)) {
      if (["meta"].includes(tag) || attributes.endsWith("/")) continue;
      if (slash === "") open.push(tag);
      else expect(open.pop()).toBe(tag);
    }
    expect(open).toEqual([]);
  });
});

it("masks secrets everywhere, also where HTML would write them otherwise", () => {
  const secret = `<&"secret'>`;
  const report = sampleReport({
    until: 100,
    pipelines: [
      {
        project: "gh/acme/app",
        parameters: { token: secret },
        workflows: [
          {
            name: "main",
            status: "success",
            jobs: [
              { name: "job", status: "success", from: 0, to: 9, steps: [["Print", `it is ${secret}\n`]] },
            ],
          },
        ],
      },
    ],
  });
  const page = renderHtml(report, { secrets: [secret] });
  expect(page).not.toContain("secret");
  expect(page).toContain("it is ****\n");
  expect(renderHtml(report, { secrets: [] })).toContain("it is &lt;&amp;&quot;secret&#39;&gt;\n");
});

it("shows the end of an output that is very long, and says so", () => {
  const report = sampleReport({
    until: 100,
    pipelines: [
      {
        project: "gh/acme/app",
        workflows: [
          {
            name: "main",
            status: "failed",
            jobs: [
              {
                name: "job",
                status: "failed",
                from: 0,
                to: 9,
                steps: [["Talk", `${"x".repeat(300_000)}the reason`, 1]],
              },
            ],
          },
        ],
      },
    ],
  });
  const page = renderHtml(report, { secrets: [] });
  expect(page.length).toBeLessThan(200_000);
  expect(page).toContain("The first 200010 characters are left out.");
  expect(page).toContain("xthe reason</pre>");
});
