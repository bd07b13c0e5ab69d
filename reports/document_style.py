"""How a page looks: on paper, on a phone, in the dark. Every pair of colours has a contrast of 4.5 to 1 or more."""

STYLE = """
:root { color-scheme: light dark; --ground: #ffffff; --ink: #1f2328; --soft: #57606a; --line: #d0d7de; --well: #f6f8fa;
  --safe: #1a7f37; --unsafe: #9a6700; --held: #8250df; --left: #6e7781; --high: #cf222e; --medium: #bc4c00;
  --low: #57606a; --link: #0969da; --added: #dafbe1; --gone: #ffebe9 }
@media (prefers-color-scheme: dark) {
  :root { --ground: #0d1117; --ink: #e6edf3; --soft: #9198a1; --line: #30363d; --well: #161b22;
    --safe: #3fb950; --unsafe: #d29922; --held: #a371f7; --left: #8b949e; --high: #ff7b72; --medium: #ffa657;
    --low: #9198a1; --link: #58a6ff; --added: #12361f; --gone: #4b1113 } }
* { box-sizing: border-box }
html { -webkit-text-size-adjust: 100% }
body { margin: 0 auto; padding: 1rem; max-width: 62rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; overflow-wrap: anywhere }
h1 { font-size: 1.6rem; line-height: 1.2; margin: .5rem 0 }
h2 { font-size: 1.3rem; margin: 2.2rem 0 .6rem; padding-bottom: .3rem; border-bottom: 1px solid var(--line) }
h3 { font-size: 1.05rem; margin: 1.6rem 0 .4rem } h4 { font-size: 1rem; margin: 1.2rem 0 .3rem }
p { margin: .5rem 0; max-width: 46rem } header p, footer, caption { color: var(--soft) }
footer { margin-top: 3rem; border-top: 1px solid var(--line); font-size: .85rem }
a { color: var(--link) } a:focus-visible, summary:focus-visible, pre:focus-visible { outline: 2px solid var(--link) }
.skip { position: absolute; left: -100vw } .skip:focus { position: static }
nav ul { display: flex; flex-wrap: wrap; gap: .2rem 1rem; list-style: none; padding: 0; font-size: .9rem }
code, pre { font: .86em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace }
pre { margin: .5rem 0; padding: .6rem .8rem; overflow-x: auto; background: var(--well); border: 1px solid var(--line);
  border-radius: 6px; overflow-wrap: normal; tab-size: 4 }
pre code { font-size: inherit } pre i { color: var(--soft); font-style: normal; user-select: none }
ins, del { text-decoration: none; color: var(--ink) } ins { background: var(--added) } del { background: var(--gone) }
table { width: 100%; border-collapse: collapse; margin: .6rem 0 1rem; font-size: .92rem }
caption { text-align: left; font-size: .85rem; padding-bottom: .3rem }
th, td { text-align: left; vertical-align: top; padding: .35rem .7rem .35rem 0; border-bottom: 1px solid var(--line) }
tbody th { font-weight: 400 } thead th { font-size: .82rem; color: var(--soft) }
.number { text-align: right; font-variant-numeric: tabular-nums } th.number, td.number { overflow-wrap: normal }
details { margin: .35rem 0; border: 1px solid var(--line); border-radius: 6px; padding: .1rem .8rem }
summary { cursor: pointer; padding: .35rem 0 }
.mark { font-weight: 600 } .mark.safe { color: var(--safe) } .mark.unsafe { color: var(--unsafe) }
.mark.held { color: var(--held) } .mark.left { color: var(--soft) } .mark.high { color: var(--high) }
.mark.medium { color: var(--medium) } .mark.low { color: var(--low) }
figure { margin: 1rem 0 } svg { display: block; overflow: visible }
svg text { fill: var(--ink); font-size: 13px } svg .figure { font-weight: 600 }
svg .tick { fill: var(--soft); font-size: 11px }
svg .grid { stroke: var(--line) }
svg rect { stroke: var(--ground); stroke-width: 1 }
rect.safe { fill: var(--safe) } rect.unsafe { fill: var(--unsafe) }
rect.held { fill: var(--held) } rect.left { fill: var(--left) }
polyline { fill: none; stroke-width: 2; vector-effect: non-scaling-stroke }
polyline.open { stroke: var(--link) } circle.open { fill: var(--link) }
polyline.high { stroke: var(--high); stroke-dasharray: 7 3 } circle.high { fill: var(--high) }
polyline.safe { stroke: var(--safe); stroke-dasharray: 2 3 } circle.safe { fill: var(--safe) }
.key { display: flex; flex-wrap: wrap; gap: .1rem 1rem; list-style: none; padding: 0; margin: .3rem 0;
  font-size: .85rem }
.swatch { display: inline-block; width: .8em; height: .8em; margin-right: .4em; border-radius: 2px }
.swatch.safe { background: var(--safe) } .swatch.unsafe { background: var(--unsafe) }
.swatch.held { background: var(--held) } .swatch.left { background: var(--left) }
.swatch.line { height: 0; width: 1.6em; border-radius: 0; background: none; vertical-align: middle;
  border-top: 3px solid var(--link) }
.swatch.line.high { border-top: 3px dashed var(--high) } .swatch.line.safe { border-top: 3px dotted var(--safe) }
@media (max-width: 40rem) {
  body { padding: .75rem }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
  table, tbody, caption, tr { display: block }
  tr { border-bottom: 1px solid var(--line); padding: .4rem 0 }
  tbody th { display: block; border: 0; padding: .1rem 0; font-weight: 600 }
  td { display: grid; grid-template-columns: 7.5rem minmax(0, 1fr); border: 0; padding: .1rem 0; text-align: left }
  td.number { display: inline-block; margin-right: .9rem }
  td.number::before { margin-right: .35rem } td.number div { display: inline }
  td::before { content: attr(data-label); color: var(--soft); font-size: .85rem; overflow-wrap: normal }
}
@media print {
  :root { --ground: #ffffff; --ink: #000000; --soft: #444444; --line: #bbbbbb; --well: #ffffff; --safe: #1a7f37;
    --unsafe: #9a6700; --held: #8250df; --left: #6e7781; --high: #cf222e; --medium: #bc4c00; --low: #444444;
    --link: #0969da; --added: #dafbe1; --gone: #ffebe9 }
  body { max-width: none; padding: 0; font-size: 10pt } nav, .skip { display: none }
  pre { white-space: pre-wrap; overflow: visible } h2, h3, h4, summary { break-after: avoid }
  tr, figure { break-inside: avoid } thead { display: table-header-group }
  details::details-content { content-visibility: visible; display: block; block-size: auto; opacity: 1 }
  rect, ins, del, .swatch { print-color-adjust: exact; -webkit-print-color-adjust: exact }
}
"""
