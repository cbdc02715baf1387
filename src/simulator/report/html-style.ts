import { Html } from "./markup.ts";

/** Solid bars are paid for; a hold is pale and striped, because it is not. Heights here are what arrows rely on. */
export const styleSheet = new Html(`<style>
:root {
  --page: #f3f5f8; --card: #ffffff; --band: #f1f3f7; --ink: #1a2130; --soft: #566072; --line: #dde2ea; --grid: #e9edf2;
  --good: #1d7a4c; --bad: #c3293c; --busy: #2460c8; --stopped: #5d6778; --idle: #687386;
  --hold-ink: #4b2a96; --hold-edge: #8d6bd6; --hold-1: #f0e9fd; --hold-2: #ddcdf9;
  --trigger: #0b6f8f; --warn: #8a4b00; --warn-band: #fff4e0; --bad-band: #fdecee;
  --on-bar: #ffffff; --shadow: 0 1px 2px rgb(20 30 50 / .07), 0 4px 16px rgb(20 30 50 / .05);
  color-scheme: light dark;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #10141b; --card: #181d27; --band: #1f2531; --ink: #e6eaf2; --soft: #a0abbd; --line: #313a4a; --grid: #262e3b;
    --good: #57c98c; --bad: #ff7b86; --busy: #74a7ff; --stopped: #97a2b4; --idle: #8e99ab;
    --hold-ink: #dccbff; --hold-edge: #9a7be0; --hold-1: #2b2244; --hold-2: #3b2f5d;
    --trigger: #4fc3dd; --warn: #ffc266; --warn-band: #33270f; --bad-band: #3a1d22;
    --on-bar: #0e131a; --shadow: none;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; text-align: left; }
h1, h2, h3, p, dl, dd, ul, ol { margin: 0; padding: 0; }
ul, ol { list-style: none; }
small { font-size: 12px; color: var(--soft); font-weight: 400; }
code, pre, .calls li, .tip { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: 12px; }
:focus-visible { outline: 2px solid var(--busy); outline-offset: 1px; border-radius: 3px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.good { --tone: var(--good); } .bad { --tone: var(--bad); } .busy { --tone: var(--busy); }
.stopped { --tone: var(--stopped); } .idle { --tone: var(--idle); } .asleep { --tone: var(--hold-ink); }
.status { color: var(--tone); font-weight: 600; white-space: nowrap; }
.none { color: var(--soft); }

.top, main { max-width: 1440px; margin: 0 auto; padding: 0 24px; }
.top { padding-top: 24px; display: flex; flex-wrap: wrap; align-items: baseline; column-gap: 16px; }
.top h1 { font-size: 26px; letter-spacing: -.01em; }
.top h1 .status { font-weight: 700; }
.top > p { color: var(--soft); }
.totals { flex: 1 0 100%; margin-top: 16px; display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px; }
.totals div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 16px; box-shadow: var(--shadow); }
.totals dt { color: var(--soft); font-size: 12px; }
.totals dd { font-size: 22px; font-weight: 600; font-variant-numeric: tabular-nums; letter-spacing: -.01em; }
.totals small { display: block; letter-spacing: 0; }

.card, .warnings { margin: 16px 0; background: var(--card); border: 1px solid var(--line); border-radius: 10px; box-shadow: var(--shadow); }
.warnings { background: var(--warn-band); padding: 10px 16px; color: var(--warn); overflow-wrap: anywhere; }
.warnings code { color: var(--ink); }

.legend { display: flex; flex-wrap: wrap; gap: 6px 18px; padding: 12px 16px; border-bottom: 1px solid var(--line); color: var(--soft); font-size: 12px; }
.legend li { display: inline-flex; align-items: center; gap: 6px; }
.legend .bar { position: static; width: 20px; height: 12px; }
.legend .arrow { margin: 0; }
.legend .call { position: relative; width: 9px; height: 12px; bottom: auto; margin: 0; }
.legend .call.plain::before, .legend .call.refused::before { height: 9px; top: 2px; }

.timeline { display: grid; grid-template-columns: minmax(190px, 25%) minmax(0, 1fr); position: relative; padding-bottom: 8px; }
.axis-label, .label { grid-column: 1; min-width: 0; padding: 0 12px 0 16px; }
.axis, .track, .gridlines, .arrow { grid-column: 2; min-width: 0; margin-right: 16px; position: relative; }
.axis-label, .axis { height: 30px; line-height: 30px; color: var(--soft); font-size: 12px; position: sticky; top: 0; z-index: 4; background: var(--card); }
.axis { box-shadow: 16px 0 var(--card); }
.axis span { position: absolute; transform: translateX(-50%); white-space: nowrap; font-variant-numeric: tabular-nums; }
.axis span:first-child { transform: none; }
.gridlines i { position: absolute; top: 0; bottom: 0; width: 1px; background: var(--grid); }

.band { grid-column: 1 / -1; border-top: 1px solid var(--line); background: var(--band); }
.label.pipeline { min-height: 52px; }
.label.outside, .track.outside { height: 36px; line-height: 36px; color: var(--soft); }
.track.outside .call { bottom: 10px; }
.label.pipeline { padding-top: 7px; padding-bottom: 7px; }
.label.pipeline h2 { font-size: 14px; line-height: 1.3; overflow-wrap: anywhere; }
.label.pipeline h2 button { font-weight: 700; text-decoration: underline; text-decoration-color: transparent; text-underline-offset: 3px; }
.label.pipeline h2 button:hover { text-decoration-color: currentcolor; }
.label.pipeline p { color: var(--soft); font-size: 12px; overflow-wrap: anywhere; }
.start { position: absolute; bottom: 14px; width: 8px; height: 8px; margin-left: -4px; transform: rotate(45deg); background: var(--ink); border-radius: 1px; }
.track .problem { display: block; padding: 15px 0 15px 16px; }
.problem { color: var(--bad); overflow-wrap: anywhere; }

.label.workflow { height: 30px; display: flex; align-items: center; gap: 10px; font-size: 12px; }
.label.workflow h3 { font-size: 12px; font-weight: 600; color: var(--soft); min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.label.job, .track.job { height: 38px; }
.label.job { display: flex; }
.label.job button { flex: 1; min-width: 0; display: flex; align-items: center; gap: 8px; padding-left: 8px; }
.label.job .name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.label.job button:hover .name { text-decoration: underline; text-underline-offset: 3px; }
.symbol { color: var(--tone); font-weight: 700; width: 12px; flex: none; text-align: center; }

.bar { position: absolute; bottom: 12px; height: 18px; min-width: 4px; border-radius: 4px; background: var(--tone); color: var(--on-bar); font-size: 11px; line-height: 18px; font-variant-numeric: tabular-nums; white-space: nowrap; }
.bar:hover { filter: brightness(1.12); }
.bar.stopped { background: repeating-linear-gradient(90deg, var(--stopped) 0 6px, transparent 6px 8px), color-mix(in srgb, var(--stopped) 55%, var(--card)); }
.bar.no-op { background: none; border: 2px solid var(--tone); color: var(--ink); line-height: 14px; }
.bar.approval { background: repeating-linear-gradient(135deg, var(--hold-1) 0 7px, var(--hold-2) 7px 14px); border: 1px solid var(--hold-edge); color: var(--hold-ink); line-height: 16px; }
.bar.open { border-top-right-radius: 0; border-bottom-right-radius: 0; mask-image: linear-gradient(90deg, #000 calc(100% - 28px), transparent); }
.bar span { position: absolute; top: 0; }
.bar.text-inside span { left: 7px; right: 4px; overflow: hidden; text-overflow: ellipsis; }
.bar.text-after span { left: calc(100% + 6px); color: var(--soft); }
.bar.text-before span { right: calc(100% + 6px); color: var(--soft); }
.bar.approval.text-inside span { font-weight: 600; }
.absent { position: absolute; bottom: 12px; left: 0; line-height: 18px; font-size: 11px; color: var(--soft); padding-left: 6px; }

.call { position: absolute; bottom: 0; width: 9px; height: 12px; margin-left: -4.5px; }
.call::before { content: ""; position: absolute; left: 3.5px; top: 1px; width: 2px; height: 7px; border-radius: 1px; background: var(--soft); }
.call.refused::before { background: var(--bad); }
.call.faulted::before { left: .5px; top: 1px; width: 8px; height: 8px; border-radius: 50%; background: var(--bad); }
.call:hover, .call:focus { z-index: 6; }
.track:hover, .track:focus-within { z-index: 3; }
.tip { display: none; position: absolute; top: 14px; padding: 7px 10px; width: max-content; max-width: min(560px, 60vw); background: var(--ink); color: var(--page); border-radius: 6px; overflow-wrap: anywhere; pointer-events: none; }
.tip span { display: block; }
.tip.right { left: -6px; } .tip.left { right: -6px; }
.call:hover .tip, .call:focus .tip { display: block; }

.track, .label { z-index: 2; }
.label { position: relative; }
.arrow { z-index: 1; pointer-events: none; color: var(--trigger); }
.arrow.circle-back { color: var(--hold-edge); }
div.arrow svg { position: absolute; top: 0; height: 100%; overflow: visible; }
.shaft { stroke: currentcolor; stroke-width: 2; }
.circle-back .shaft { stroke-dasharray: 5 3; }
.halo { stroke: var(--card); stroke-width: 5; opacity: .8; }
.head.trigger { fill: var(--trigger); } .head.circle-back { fill: var(--hold-edge); }

.all-calls { padding: 0 16px; }
.all-calls summary { padding: 12px 0; cursor: pointer; font-weight: 600; }
.all-calls h3 { font-size: 13px; margin: 12px 0 4px; overflow-wrap: anywhere; }
.all-calls ol:last-child { padding-bottom: 16px; }
.calls li { padding: 2px 0; overflow-wrap: anywhere; }

@supports selector(:popover-open) {
  .panel { position: fixed; inset: 0 0 0 auto; width: min(620px, 100vw); height: 100dvh; max-height: none; margin: 0; border: 0; border-left: 1px solid var(--line); box-shadow: -8px 0 32px rgb(10 15 30 / .18); }
}
.panel { padding: 0 24px 32px; background: var(--card); color: var(--ink); overflow: hidden auto; overscroll-behavior: contain; }
.panel header { position: sticky; top: 0; z-index: 1; display: flex; justify-content: space-between; gap: 12px; padding: 20px 0 10px; background: var(--card); }
.panel header p { color: var(--soft); font-size: 12px; overflow-wrap: anywhere; }
.panel h2 { font-size: 19px; line-height: 1.3; overflow-wrap: anywhere; }
.panel h3 { font-size: 13px; margin: 20px 0 8px; }
.close { flex: none; width: 32px; height: 32px; border-radius: 6px; font-size: 22px; line-height: 1; text-align: center; color: var(--soft); }
.close:hover { background: var(--band); color: var(--ink); }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 10px 16px; }
.facts dt { color: var(--soft); font-size: 12px; }
.facts dd { overflow-wrap: anywhere; }
.panel .problem { margin-top: 12px; padding: 10px 12px; background: var(--bad-band); border-radius: 6px; }
.link { margin-top: 12px; padding-left: 12px; border-left: 3px solid var(--trigger); overflow-wrap: anywhere; }
.link.circle-back { border-color: var(--hold-edge); }
.panel > .none { margin-top: 16px; }
.panel table { border-collapse: collapse; width: 100%; }
.panel th, .panel td { text-align: left; vertical-align: top; padding: 6px 12px 6px 0; border-top: 1px solid var(--line); font-weight: 400; overflow-wrap: anywhere; }
.panel th { color: var(--soft); width: 35%; }
.step { border: 1px solid var(--line); border-radius: 8px; margin-bottom: 8px; overflow: hidden; }
.step summary { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 12px; padding: 8px 12px; cursor: pointer; background: var(--band); }
.step .name { flex: 1; min-width: 40%; font-weight: 600; overflow-wrap: anywhere; }
.step .exit { color: var(--soft); font-size: 12px; }
.step .none { padding: 8px 12px; }
.step pre { margin: 0; padding: 10px 12px; max-height: 60vh; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.5; tab-size: 4; }
.step pre:focus-visible { outline-offset: -2px; }
.artifacts li { padding: 3px 0; overflow-wrap: anywhere; }
.artifacts small { display: block; }

@media (max-width: 760px) {
  .top, main { padding-left: 12px; padding-right: 12px; }
  .totals { grid-template-columns: 1fr 1fr; gap: 8px; }
  .timeline { grid-template-columns: minmax(0, 1fr); }
  .axis-label { display: none; }
  .axis, .track, .gridlines, .arrow { grid-column: 1; }
  .axis, .track, .gridlines, .arrow { margin-left: 12px; margin-right: 12px; }
  .axis { box-shadow: 12px 0 var(--card), -12px 0 var(--card); }
  .axis .minor { visibility: hidden; }
  .track.pipeline { height: 24px; align-self: end; }
  .label.pipeline { padding-bottom: 28px; }
  .label.outside { padding-bottom: 20px; }
  .track .problem { display: none; }
  .label.workflow { padding-left: 12px; }
  .label.job, .track.job { height: 54px; }
  .label.job { padding: 0 12px; }
  .label.job { align-items: flex-start; }
  .label.job button { padding: 3px 0 0; }
  .label.job button span, .label.workflow > * { background: var(--card); }
  .label.pipeline h2 button, .label.pipeline p, .label.outside .name { background: var(--band); }
  .track { pointer-events: none; }
  .track > * { pointer-events: auto; }
  .call .tip { position: fixed; inset: auto 8px 8px 8px; width: auto; max-width: none; }
  .panel { padding-left: 16px; padding-right: 16px; }
}
@media print { .panel { display: none; } }
</style>`);
