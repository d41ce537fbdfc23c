import { escapeHtml } from "@symgrad/core";
import { mapScript } from "./mapScript";
import type { MapPoint } from "./wordMap";

const style = `
:root { color-scheme: light dark; --back: #fcfcfa; --ink: #1c1c1a; --soft: #6b6b66; --line: #d8d8d2; --mark: #0b62c4; --panel: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --back: #16171a; --ink: #e9e9e6; --soft: #9a9aa0; --line: #34363c; --mark: #7db7ff; --panel: #1f2126; }
}
* { box-sizing: border-box; }
html, body { height: 100%; margin: 0; }
body { display: flex; flex-direction: column; background: var(--back); color: var(--ink); font: 15px/1.4 system-ui, sans-serif; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; padding: .5rem 1rem; border-bottom: 1px solid var(--line); }
h1 { font-size: 1rem; margin: 0; }
input, button { font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--line); border-radius: 4px; padding: .25rem .6rem; }
button { cursor: pointer; min-width: 2rem; }
:focus-visible { outline: 2px solid var(--mark); outline-offset: 1px; }
main { flex: 1; display: flex; min-height: 0; }
canvas { flex: 1; min-width: 0; min-height: 0; touch-action: none; cursor: grab; }
aside { width: 15rem; overflow: auto; border-left: 1px solid var(--line); padding: .75rem 1rem; }
h2 { font-size: 1rem; margin: 0 0 .5rem; overflow-wrap: anywhere; }
ol { list-style: none; margin: 0; padding: 0; }
li button { width: 100%; display: flex; justify-content: space-between; gap: .5rem; border: 0; background: none; text-align: left; padding: .2rem .3rem; overflow-wrap: anywhere; }
li span { color: var(--soft); font-variant-numeric: tabular-nums; }
p { color: var(--soft); margin: .5rem 0 0; }
@media (max-width: 40rem) { main { flex-direction: column; } aside { width: auto; max-height: 40%; border-left: 0; border-top: 1px solid var(--line); } }
`;

/** The page of a word map, complete: style, script and points are inside it. */
export function mapPage(points: readonly MapPoint[], title: string): string {
  const data = points.map(({ word, x, y, neighbors }) => [word, x, y, neighbors.flat()]);
  // In a script, "<" could begin its end, and two separators of Unicode would end a line in old engines.
  const json = JSON.stringify(data).replace(
    /[<\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${escapeHtml(title)}</h1>
<label>Find <input id="find" type="search" autocomplete="off" list="words"></label>
<datalist id="words"></datalist>
<span role="group" aria-label="Zoom"><button id="in" aria-label="Zoom in">+</button> <button id="out" aria-label="Zoom out">−</button> <button id="all">All</button></span>
</header>
<main>
<canvas id="map" tabindex="0" role="img" aria-label="${points.length} words; near words are near. Arrow keys move, plus and minus zoom, 0 shows all."></canvas>
<aside>
<h2 id="word" aria-live="polite">${points.length} words</h2>
<ol id="near" aria-label="Nearest words, with their cosine"></ol>
<p id="hint">Point at a word for its nearest words, or find one. Drag or use the arrow keys to move, the wheel or + and - to zoom.</p>
</aside>
</main>
<script>
const points = ${json};
${mapScript}
</script>
</body>
</html>
`;
}
