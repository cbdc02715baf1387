import { describe, expect, it } from "vitest";
import { layOutAxis } from "../../../src/simulator/report/axis.ts";
import { formatClock, formatDuration } from "../../../src/simulator/report/format-time.ts";
import { html } from "../../../src/simulator/report/markup.ts";
import { readName, readOutput } from "../../../src/simulator/report/plain-text.ts";

describe("formatDuration", () => {
  it("keeps to the unit that fits", () => {
    const times = [
      0, 1, 99, 100, 480, 999, 1000, 4234, 59_949, 59_950, 65_000, 3_599_499, 3_599_500, 7_380_000,
    ];
    expect(times.map(formatDuration)).toEqual([
      ...["0 s", "1 ms", "99 ms", "0.1 s", "0.48 s", "1 s", "1 s", "4.2 s", "59.9 s", "1 min 00 s"],
      ...["1 min 05 s", "59 min 59 s", "1 h 00 min", "2 h 03 min"],
    ]);
  });
});

describe("formatClock", () => {
  it("counts minutes and tenths, and hours when there are any", () => {
    expect([-5, 0, 3299, 59_999, 61_000, 3_600_000, 37_384_500].map(formatClock)).toEqual([
      ...["00:00.0", "00:00.0", "00:03.2", "00:59.9", "01:01.0", "1:00:00.0", "10:23:04.5"],
    ]);
  });
});

describe("layOutAxis", () => {
  it("labels a run of half a second and one of two hours", () => {
    const labels = (span: number) => layOutAxis(span).map(({ label }) => label);
    expect(labels(515)).toEqual(["0", "0.1 s", "0.2 s", "0.3 s", "0.4 s", "0.5 s"]);
    expect(labels(3)).toEqual(["0", "1 ms", "2 ms", "3 ms"]);
    expect(labels(12_700)).toEqual(["0", "2 s", "4 s", "6 s", "8 s", "10 s", "12 s"]);
    expect(labels(99_000)).toEqual(["0", "15 s", "30 s", "45 s", "1:00", "1:15", "1:30"]);
    expect(labels(7_416_000)).toEqual([
      ...["0", "15 min", "30 min", "45 min", "1:00 h", "1:15 h", "1:30 h", "1:45 h", "2:00 h"],
    ]);
  });

  it("has from two to nine ticks for any length", () => {
    for (let span = 1; span < 1e10; span = Math.ceil(span * 1.07)) {
      const ticks = layOutAxis(span);
      expect(ticks.length, String(span)).toBeGreaterThanOrEqual(2);
      expect(ticks.length, String(span)).toBeLessThanOrEqual(9);
      expect(ticks.at(-1)?.at, String(span)).toBeLessThanOrEqual(span);
    }
  });
});

describe("readOutput", () => {
  it("shows what a terminal would show in the end, without colours", () => {
    const output =
      "\u001b[1;31mred\u001b[0m\r\n10%\r50%\r100%\r\n\u001b]8;;http://x\u0007link\u001b]8;;\u0007\n\ttab\u0007\n";
    expect(readOutput(output)).toBe("red\n100%\nlink\n\ttab\n");
  });
});

describe("readName", () => {
  it("keeps a name on its line and commands out of it", () => {
    expect(readName("a\u001b[2Jb\nc\td\u0007  e")).toBe("ab c d  e");
  });
});

describe("html", () => {
  it("escapes text and keeps what is HTML already", () => {
    const name = `<img src=x onerror="x">&'`;
    expect(html`<p title="${name}">${[html`<b>${name}</b>`, null, 3]}</p>`.text).toBe(
      '<p title="&lt;img src=x onerror=&quot;x&quot;&gt;&amp;&#39;"><b>&lt;img src=x onerror=&quot;x&quot;&gt;&amp;&#39;</b>3</p>',
    );
  });
});
