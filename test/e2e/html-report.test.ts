import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { renderHtml } from "../../src/simulator/report/html-report.ts";
import type { Report } from "../../src/simulator/report/report.ts";
import { launchChromium, missingChromium } from "../support/chromium.ts";
import { available } from "../support/require.ts";
import {
  failingChild,
  fivePipelines,
  hostileReport,
  parentAndChild,
  twoHours,
} from "../support/sample-report.ts";

const hasChromium = available("chromium", missingChromium);

describe.skipIf(!hasChromium)("the HTML report in a browser", () => {
  let browser: Browser;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "html-report-"));
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  interface Look {
    readonly width?: number;
    readonly colorScheme?: "light" | "dark";
  }

  /** Opens the report's page; whatever it asks for besides itself, says or complains of is kept. */
  async function open(report: Report, { width = 1200, colorScheme = "light" }: Look = {}) {
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
    onTestFinished(() => page.close());
    const file = join(folder, `${Math.random()}.html`);
    writeFileSync(file, renderHtml(report, { secrets: [] }));
    const address = pathToFileURL(file).href;
    const strange: string[] = [];
    page.on("request", (request) => request.url() === address || strange.push(`request: ${request.url()}`));
    page.on("console", (message) => strange.push(`console: ${message.text()}`));
    page.on("pageerror", (error) => strange.push(`error: ${error.message}`));
    page.on("dialog", (dialog) => strange.push(`dialog: ${dialog.message()}`));
    await page.goto(address, { waitUntil: "load" });
    return { page, strange };
  }

  function panel(page: Page) {
    return page.locator(".panel:popover-open");
  }

  it("opens a job's panel with its steps, exit codes and output by a click on its bar", async () => {
    const { page, strange } = await open(failingChild());
    await page.locator('.bar[title^="check-integration"]').click();
    expect(await panel(page).getByRole("heading", { level: 2 }).textContent()).toBe("check-integration");
    const steps = await panel(page).locator(".step").allInnerTexts();
    expect(steps.map((step) => step.split("\n").map((line) => line.trim()))).toEqual([
      ["Spin up environment", "exit code 0", "✓ success", "Using node 20", ""],
      [
        ...["Check the child", "exit code 1", "✗ failed"],
        ...["integration  failed", "test   failed  http://127.0.0.1/test", "error: the child failed", ""],
      ],
    ]);
    expect(strange).toEqual([]);
  });

  it("opens another job's panel instead, and closes it with its button", async () => {
    const { page } = await open(parentAndChild());
    await page.getByRole("button", { name: "build" }).click();
    await page.getByRole("button", { name: "lint" }).click();
    expect(await panel(page).getByRole("heading", { level: 2 }).allInnerTexts()).toEqual(["lint"]);
    await panel(page).getByRole("button", { name: "Close" }).click();
    expect(await panel(page).count()).toBe(0);
  });

  it("is used by keyboard: Enter and Space open, Escape closes, the focus comes back", async () => {
    const { page } = await open(parentAndChild());
    const job = page.getByRole("button", { name: "wait-for-integration" });
    for (const key of ["Enter", "Space"]) {
      await job.focus();
      await page.keyboard.press(key);
      expect(await panel(page).getByRole("heading", { level: 2 }).textContent()).toBe("wait-for-integration");
      expect(await page.evaluate("document.activeElement.ariaLabel")).toBe("Close");
      await page.keyboard.press("Escape");
      expect(await panel(page).count()).toBe(0);
      expect(await page.evaluate("document.activeElement.title")).toBe("wait-for-integration");
    }
  });

  it("reaches every pipeline, job and API call with the Tab key, in the order of the page", async () => {
    const { page } = await open(failingChild());
    const reached: unknown[] = [];
    for (let step = 0; step < 4; step++) {
      await page.keyboard.press("Tab");
      reached.push(await page.evaluate("document.activeElement.title || document.activeElement.textContent"));
    }
    expect(reached).toEqual([
      "gh/acme/app #1",
      "trigger-integration",
      "00:00.4 POST /api/v2/project/gh/acme/integration/pipeline → 201",
      "wait-for-integration",
    ]);
  });

  it("names an API call on hover and on focus, with its status and its fault", async () => {
    const { page } = await open(parentAndChild());
    const call = page.locator(".call.faulted[style]").first();
    const tip = call.locator(".tip");
    expect(await tip.isVisible()).toBe(false);
    const lines = [
      "00:02.8 POST /api/v2/project/gh/acme/integration/pipeline → 201",
      "00:03.0 GET /api/v2/pipeline/gh/acme/integration%237/workflow → 503 (fault 1 of the scenario)",
    ];
    await call.hover();
    expect(await tip.locator("span").allTextContents()).toEqual(lines);
    await page.mouse.move(0, 0);
    expect(await tip.isVisible()).toBe(false);
    await call.focus();
    expect(await tip.isVisible()).toBe(true);
    expect(await call.getAttribute("aria-label")).toBe(lines.join("; "));
  });

  it("leads its arrows to where they belong", async () => {
    for (const width of [1200, 900, 400]) {
      const { page } = await open(parentAndChild(), { width });
      const ends = await page.evaluate<Record<string, number>>(`(() => {
        const box = (selector) => document.querySelector(selector).getBoundingClientRect();
        const line = (kind) => box(".timeline > .arrow." + kind + " .shaft");
        const [trigger, back] = [line("trigger"), line("circle-back")];
        const [caller, hold, callback] = ["trigger-integration", "wait-for-integration", "approve-in-parent"]
          .map((name) => box('.bar[title^="' + name + '"]'));
        const starts = [...document.querySelectorAll(".start")].map((start) => start.getBoundingClientRect());
        return {
          triggerBegins: trigger.top - caller.bottom,
          triggerEnds: trigger.bottom - starts[1].top,
          triggerAside: trigger.left - (starts[1].left + starts[1].right) / 2,
          backBegins: back.bottom - callback.top,
          backEnds: back.top - hold.bottom,
          backAside: back.left - hold.right,
        };
      })()`);
      const offsets = Object.entries(ends);
      expect(offsets).toHaveLength(6);
      expect(offsets.filter(([, pixels]) => Math.abs(pixels) > 2)).toEqual([]);
    }
  });

  it("executes nothing that a report says", async () => {
    const { page, strange } = await open(hostileReport());
    await page.locator(".label.job button").click();
    expect(await panel(page).locator("pre").textContent()).toContain(
      "<script>document.title='owned'</script>",
    );
    expect(await page.evaluate("[document.title, document.scripts.length, document.images.length]")).toEqual([
      expect.stringMatching(/^failed: |^error: /),
      0,
      0,
    ]);
    expect(strange).toEqual([]);
  });

  it("lets its policy stop what an escape might have missed", async () => {
    let hits = 0;
    const server = createServer((_, response) => {
      hits += 1;
      response.end();
    });
    onTestFinished(() => void server.close());
    await once(server.listen(0, "127.0.0.1"), "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : null;
    const { page } = await open(parentAndChild());
    const trap = `document.body.insertAdjacentHTML("beforeend",
      "<img src='http://127.0.0.1:${port}/' onload='document.title=1' onerror='document.title=2'><b onclick='document.title=3' id=trap>x</b>")`;
    await page.evaluate(trap);
    await page.evaluate(`document.querySelector("#trap").click()`);
    await page.waitForLoadState("networkidle");
    expect([await page.title(), hits]).toEqual(["success: gh/acme/app #41", 0]);
  });

  const reports = { failingChild, fivePipelines, twoHours, hostileReport };

  it.each(Object.entries(reports))("fits %s into any window", async (_, build) => {
    const { page, strange } = await open(build(), { colorScheme: "dark" });
    for (const width of [1440, 900, 400, 320]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate("document.documentElement.scrollWidth"), `page at ${width}`).toBe(width);
      await page.locator(".label.job button").first().click();
      const overflow = await panel(page).evaluate((element) => element.scrollWidth - element.clientWidth);
      expect(overflow, `panel at ${width}`).toBe(0);
      await page.keyboard.press("Escape");
    }
    expect(strange).toEqual([]);
  });

  it.each(["light", "dark"] as const)("has enough contrast in %s", async (colorScheme) => {
    const { page } = await open(failingChild(), { colorScheme });
    const ratios = await page.evaluate<Record<string, number>>(contrastOfTexts);
    expect(Object.entries(ratios).filter(([, ratio]) => ratio < 4.5)).toEqual([]);
    expect(Object.keys(ratios).length).toBeGreaterThan(20);
  });
});

/** Runs in the page: the contrast of every text with the nearest plain colour behind it, by the text. */
const contrastOfTexts = `(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const read = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (color) => {
    const [r, g, b] = color.slice(0, 3).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let node = element; node; node = node.parentElement) {
      const color = read(getComputedStyle(node).backgroundColor);
      if (color[3] === 255) return color;
    }
    return [255, 255, 255, 255];
  };
  const ratios = {};
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.textContent.trim();
    if (text === "" || element.closest(".tip, .unseen, .panel") || !element.checkVisibility()) continue;
    if (element.closest(".bar.approval")) continue;
    const outside = element.closest(".text-after, .text-before");
    const [one, other] = [read(getComputedStyle(element).color), behind(outside ? outside.parentElement : element)]
      .map(luminance);
    ratios[text] = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  }
  return ratios;
})()`;
