import type { Clock } from "../engine/clock.ts";
import { listChanges } from "./live-changes.ts";
import { drawTree } from "./live-tree.ts";
import type { Report } from "./report.ts";
import type { Screen } from "./screen.ts";
import { type Line, measureText, writeLine } from "./terminal-line.ts";

/** Shows a run while it goes on. */
export interface LiveView {
  /** Something has changed; the function makes the report of the moment in which it is called. */
  update(takeReport: () => Report): void;
  /** Leaves the last state on the screen and gives the cursor back. Without a report the screen stays as it is. */
  close(last: Report | null): void;
}

/** Redraws a tree in place on a terminal; prints a line per change everywhere else. */
export function openLiveView(screen: Screen, clock: Clock): LiveView {
  return screen.size() === null ? new ChangeLog(screen) : new LiveTree(screen, clock);
}

/** Lines about something that is over, for instance a summary. */
export function printLines(screen: Screen, lines: readonly Line[]): void {
  const { hasColor } = screen;
  const text = lines.map((line) => `${writeLine(line, { width: Number.POSITIVE_INFINITY, hasColor })}\n`);
  screen.write(text.join(""));
}

class ChangeLog implements LiveView {
  readonly #screen: Screen;
  #last: Report | null = null;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  update(takeReport: () => Report): void {
    const report = takeReport();
    const changes = listChanges(this.#last, report);
    this.#last = report;
    if (changes.length > 0) printLines(this.#screen, changes);
  }

  close(last: Report | null): void {
    if (last !== null) this.update(() => last);
  }
}

/** Milliseconds between two pictures: durations count up even while no state changes. */
const interval = 100;

const cursor = { hide: "\u001b[?25l", show: "\u001b[?25h" };
/** A terminal that knows them shows everything in between at once; the others ignore them. */
const together = { begin: "\u001b[?2026h", end: "\u001b[?2026l" };
const erase = { restOfLine: "\u001b[K", below: "\u001b[J" };

class LiveTree implements LiveView {
  readonly #screen: Screen;
  readonly #clock: Clock;
  #takeReport: (() => Report) | null = null;
  #drawn: readonly string[] = [];
  #callOff: () => void = () => {};
  #isOpen = true;

  constructor(screen: Screen, clock: Clock) {
    this.#screen = screen;
    this.#clock = clock;
    screen.write(cursor.hide);
  }

  update(takeReport: () => Report): void {
    const isFirst = this.#takeReport === null;
    this.#takeReport = takeReport;
    if (isFirst && this.#isOpen) this.#tick();
  }

  close(last: Report | null): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#callOff();
    if (last !== null) this.#draw(last, Number.POSITIVE_INFINITY);
    this.#screen.write(cursor.show);
  }

  #tick(): void {
    if (this.#takeReport !== null) this.#draw(this.#takeReport(), (this.#screen.size()?.rows ?? 24) - 1);
    this.#callOff = this.#clock.after(interval, () => this.#tick());
  }

  #draw(report: Report, height: number): void {
    const columns = this.#screen.size()?.columns ?? 80;
    const { hasColor } = this.#screen;
    const lines = drawTree(report, { width: columns, height });
    const texts = lines.map((line) => writeLine(line, { width: columns, hasColor }));
    const rows = countRows(this.#drawn, columns);
    const up = rows > 0 ? `\u001b[${rows}A` : "";
    const body = texts.map((text) => `${text}${erase.restOfLine}\n`).join("");
    this.#screen.write(`${together.begin}${up}\r${body}${erase.below}${together.end}`);
    this.#drawn = lines.map((line) => writeLine(line, { width: columns, hasColor: false }));
  }
}

/** Rows that lines take, also where the terminal has become narrower and has wrapped them since. */
function countRows(lines: readonly string[], columns: number): number {
  return lines.reduce((rows, line) => rows + Math.max(1, Math.ceil(measureText(line) / columns)), 0);
}
