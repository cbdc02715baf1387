import { describe, expect, it } from "vitest";
import type { Clock } from "../../../src/simulator/engine/clock.ts";
import { openLiveView } from "../../../src/simulator/report/live-view.ts";
import { openScreen, type Screen } from "../../../src/simulator/report/screen.ts";
import { sampleReport } from "../../support/sample-report.ts";

/** A clock that a test moves on by hand. */
class ManualClock implements Clock {
  #now = 0;
  readonly waiting: { readonly at: number; readonly action: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(delay: number, action: () => void): () => void {
    const entry = { at: this.#now + delay, action };
    this.waiting.push(entry);
    return () => {
      if (this.waiting.includes(entry)) this.waiting.splice(this.waiting.indexOf(entry), 1);
    };
  }

  pass(milliseconds: number): void {
    this.#now += milliseconds;
    for (const entry of this.waiting.filter(({ at }) => at <= this.#now)) {
      this.waiting.splice(this.waiting.indexOf(entry), 1);
      entry.action();
    }
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal reads escape sequences
const tokens = /\u001b\[([?\d]*)([A-Za-z])|\n|\r|[^\u001b\n\r]+/g;

/** Enough of a terminal to know what stands on its screen: rows above the top are gone for good. */
class FakeTerminal implements Screen {
  readonly hasColor = false;
  lines: string[] = [""];
  row = 0;
  isCursorHidden = false;
  text = "";
  columns: number;
  rows: number;

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
  }

  size() {
    return { columns: this.columns, rows: this.rows };
  }

  write(text: string): void {
    this.text += text;
    for (const [token, count, letter] of text.matchAll(tokens)) {
      if (token === "\u001b[?25l") this.isCursorHidden = true;
      else if (token === "\u001b[?25h") this.isCursorHidden = false;
      else if (token.startsWith("\u001b[?2026")) continue;
      else if (letter === "A") this.row = Math.max(this.#top(), this.row - Number(count));
      else if (letter === "K") continue;
      else if (letter === "J") this.lines.splice(this.row, this.lines.length, "");
      else if (token === "\r") continue;
      else if (token === "\n") this.#feed();
      else this.lines[this.row] = token;
    }
  }

  #feed(): void {
    this.row += 1;
    this.lines[this.row] ??= "";
  }

  #top(): number {
    return Math.max(0, this.lines.length - this.rows);
  }
}

function moment(until: number, jobs: number) {
  return sampleReport({
    until,
    pipelines: [
      {
        project: "gh/acme/app",
        workflows: [
          {
            name: "main",
            status: "running",
            jobs: Array.from(
              { length: jobs },
              (_, index) => ({ name: `job-${index}`, status: "running", from: 0 }) as const,
            ),
          },
        ],
      },
    ],
  });
}

describe("on a terminal", () => {
  it("redraws in place, counts time up between changes, and gives the cursor back", () => {
    const clock = new ManualClock();
    const screen = new FakeTerminal(80, 24);
    screen.write("$ npm start\n");
    const view = openLiveView(screen, clock);
    view.update(() => moment(clock.now(), 1 + clock.now() / 1000));
    const [first, hidden] = [[...screen.lines], screen.isCursorHidden];
    for (let step = 0; step < 20; step++) clock.pass(100);
    const later = [...screen.lines];
    view.close(moment(2500, 1));
    expect({ first, hidden, later, last: screen.lines, isCursorHidden: screen.isCursorHidden }).toEqual({
      first: [
        "$ npm start",
        "gh/acme/app #1  main",
        "└─ main               running    0 s",
        "   └─ ● job-0         running    0 s",
        "00:00.0  paid 0 s of compute, asleep 0 s unpaid, 0 API calls",
        "",
      ],
      hidden: true,
      later: [
        "$ npm start",
        "gh/acme/app #1  main",
        "└─ main               running    2 s",
        "   ├─ ● job-0         running    2 s",
        "   ├─ ● job-1         running    2 s",
        "   └─ ● job-2         running    2 s",
        "00:02.0  paid 6 s of compute, asleep 0 s unpaid, 0 API calls",
        "",
      ],
      last: [
        "$ npm start",
        "gh/acme/app #1  main",
        "└─ main               running    2.5 s",
        "   └─ ● job-0         running    2.5 s",
        "00:02.5  paid 2.5 s of compute, asleep 0 s unpaid, 0 API calls",
        "",
      ],
      isCursorHidden: false,
    });
    expect(clock.waiting).toEqual([]);
  });

  it("leaves a screen that is too small as it is until the end, and shows everything then", () => {
    const clock = new ManualClock();
    const screen = new FakeTerminal(80, 6);
    const view = openLiveView(screen, clock);
    view.update(() => moment(clock.now(), 30));
    for (let step = 0; step < 5; step++) clock.pass(100);
    expect(screen.lines).toHaveLength(6);
    view.close(moment(600, 30));
    expect(screen.lines).toHaveLength(34);
    expect(screen.lines[0]).toBe("gh/acme/app #1  main");
  });

  it("shows what it last knew when it is closed without a report, and closes once", () => {
    const clock = new ManualClock();
    const screen = new FakeTerminal(80, 24);
    const view = openLiveView(screen, clock);
    view.update(() => moment(0, 1));
    const shown = [...screen.lines];
    view.close(null);
    view.close(moment(900, 2));
    view.update(() => moment(900, 2));
    clock.pass(1000);
    expect([screen.lines, screen.isCursorHidden]).toEqual([shown, false]);
  });

  it("goes back over the rows that a narrower terminal has wrapped", () => {
    const clock = new ManualClock();
    const screen = new FakeTerminal(80, 24);
    const view = openLiveView(screen, clock);
    view.update(() => moment(0, 1));
    screen.columns = 40;
    screen.text = "";
    clock.pass(100);
    // Four lines, of which only the last is longer than 40 columns.
    expect(screen.text.split("\r")[0]).toBe("\u001b[?2026h\u001b[5A");
    view.close(null);
  });
});

describe("in a file or a pipe", () => {
  it("prints a plain line for every change, and nothing else", () => {
    const clock = new ManualClock();
    let text = "";
    const screen: Screen = {
      hasColor: false,
      size: () => null,
      write: (more) => {
        text += more;
      },
    };
    const view = openLiveView(screen, clock);
    view.update(() => moment(0, 1));
    view.update(() => moment(50, 1));
    clock.pass(1000);
    view.close(moment(3200, 2));
    expect(text).toBe(
      [
        "00:00.0  gh/acme/app #1  triggered by release-bot on main",
        "00:00.0  gh/acme/app #1 main  running",
        "00:00.0  gh/acme/app #1 main / job-0  running",
        "00:03.2  gh/acme/app #1 main / job-1  running",
        "",
      ].join("\n"),
    );
  });
});

describe("openScreen", () => {
  const stream = { write: () => true, columns: 120, rows: 50 };

  it("redraws and colours on a terminal only", () => {
    const look = (isTTY: boolean, env: Readonly<Record<string, string>>) => {
      const screen = openScreen({ ...stream, isTTY }, env);
      return [screen.size(), screen.hasColor];
    };
    const size = { columns: 120, rows: 50 };
    expect(look(true, { TERM: "xterm" })).toEqual([size, true]);
    expect(look(true, { NO_COLOR: "1" })).toEqual([size, false]);
    expect(look(true, { NO_COLOR: "" })).toEqual([size, true]);
    expect(look(true, { TERM: "dumb" })).toEqual([null, false]);
    expect(look(false, {})).toEqual([null, false]);
  });
});
