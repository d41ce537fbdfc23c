import { escapeHtml } from "@symgrad/core";

const STYLE = `
:root { color-scheme: light dark; --ground: #fbfbfa; --panel: #fff; --ink: #1b1b1a; --soft: #62625d; --rule: #e3e3de;
  --c0: #1c64c4; --c1: #c2410c; --c2: #0f766e; --c3: #9333a8; --c4: #8a6d00; }
@media (prefers-color-scheme: dark) { :root { --ground: #161615; --panel: #1f1f1d; --ink: #ecece8; --soft: #a3a39b; --rule: #36362f;
  --c0: #7ab2ff; --c1: #ff9a62; --c2: #4fd1b8; --c3: #d99bf0; --c4: #e2c044; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 76rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
h1 { font-size: 1.7rem; margin: 0 0 .25rem; } h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; } h3 { margin: 0 0 .5rem; font-size: 1.05rem; }
h4 { margin: 1.25rem 0 0; font-size: .95rem; } p { margin: .25rem 0; } .says, .lead { color: var(--soft); } .says { font-size: .875rem; }
.grid-of { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(30rem, 100%), 1fr)); gap: 1rem; }
figure, .example, .facts { margin: 0; padding: 1rem; background: var(--panel); border: 1px solid var(--rule); border-radius: .5rem; }
.example { margin-bottom: 1rem; } figcaption { font-weight: 600; margin-bottom: .5rem; } svg { display: block; width: 100%; height: auto; }
svg text { font: 12px system-ui, sans-serif; fill: var(--ink); } svg .tick { fill: var(--soft); } svg .value { fill: var(--soft); }
.grid { stroke: var(--rule); } .line { fill: none; stroke-width: 2; stroke-linejoin: round; } .tiles { display: flex; flex-wrap: wrap; gap: 1rem; margin-bottom: 1rem; }
.tile { flex: 1 1 9rem; padding: .75rem 1rem; background: var(--panel); border: 1px solid var(--rule); border-radius: .5rem; }
.tile b { display: block; font-size: 1.6rem; font-weight: 650; } .tile span { color: var(--soft); font-size: .875rem; }
.line.c0 { stroke: var(--c0); } .line.c1 { stroke: var(--c1); } .line.c2 { stroke: var(--c2); } .line.c3 { stroke: var(--c3); } .line.c4 { stroke: var(--c4); }
.dot.c0, .bar.c0 { fill: var(--c0); } .dot.c1, .bar.c1 { fill: var(--c1); } .dot.c2, .bar.c2 { fill: var(--c2); } .dot.c3, .bar.c3 { fill: var(--c3); } .dot.c4, .bar.c4 { fill: var(--c4); }
.swatch { display: inline-block; width: .75em; height: .75em; margin-right: .4em; border-radius: 2px; }
.swatch.c0 { background: var(--c0); } .swatch.c1 { background: var(--c1); } .swatch.c2 { background: var(--c2); } .swatch.c3 { background: var(--c3); } .swatch.c4 { background: var(--c4); }
.legend { display: flex; flex-wrap: wrap; gap: 1rem; margin: 0 0 .5rem; padding: 0; list-style: none; font-size: .875rem; }
table { border-collapse: collapse; font-size: .875rem; } th, td { padding: .2rem .75rem .2rem 0; text-align: left; vertical-align: top; }
thead th { border-bottom: 1px solid var(--rule); } td { font-variant-numeric: tabular-nums; } details { margin-top: .5rem; overflow-x: auto; } summary { cursor: pointer; color: var(--soft); font-size: .875rem; }
.heat { width: 100%; } .heat th { width: 5.5rem; color: var(--soft); font-weight: 500; } .heat td { font-size: 1rem; line-height: 1.8; overflow-wrap: anywhere; }
.heat span { border-radius: 2px; padding: .1em 0; } .heat .for { background: color-mix(in srgb, var(--c0) calc(var(--s) * .55), transparent); }
.heat .against { background: color-mix(in srgb, var(--c1) calc(var(--s) * .55), transparent); text-decoration: underline dotted; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 0; } dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
`;

/** A whole HTML page that needs nothing but itself: no scripts, no fonts, no network. */
export function page(title: string, lead: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body><main>
<h1>${escapeHtml(title)}</h1>
<p class="lead">${escapeHtml(lead)}</p>
${body}
</main></body>
</html>
`;
}
