/** The script of a word map's page: `points` are [word, x, y, [neighbor, cosine, neighbor, cosine, ...]]. */
export const mapScript = `"use strict";
const element = (id) => document.getElementById(id);
const canvas = element("map");
const pen = canvas.getContext("2d");
const rows = new Map(points.map(([word], row) => [word, row]));
const folded = points.map(([word]) => word.toLowerCase());
let view = { x: 0, y: 0, scale: 1 }; // the place in the middle, and pixels for a unit
let fit = 1; // the scale that shows all
let chosen = -1; // stays until another is chosen
let pointed = -1; // while the pointer is over it

function resize() {
  const { width, height } = canvas.getBoundingClientRect();
  const before = fit;
  fit = Math.max(20, Math.min(width, height) / 2 - 30);
  view.scale *= fit / before;
  canvas.width = Math.round(width * devicePixelRatio);
  canvas.height = Math.round(height * devicePixelRatio);
  draw();
}

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name);

function screen(row) {
  const [, x, y] = points[row];
  const { width, height } = canvas.getBoundingClientRect();
  return [width / 2 + (x - view.x) * view.scale, height / 2 + (y - view.y) * view.scale];
}

function draw() {
  const { width, height } = canvas.getBoundingClientRect();
  pen.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  pen.clearRect(0, 0, width, height);
  const active = pointed >= 0 ? pointed : chosen;
  const near = new Set(active < 0 ? [] : neighborsOf(active).map(([row]) => row));
  const [ink, soft, mark, back] = ["--ink", "--soft", "--mark", "--back"].map(color);
  if (active >= 0) {
    pen.strokeStyle = mark;
    pen.globalAlpha = 0.5;
    for (const row of near) line(screen(active), screen(row));
    pen.globalAlpha = 1;
  }
  const taken = []; // boxes of labels: the first words, and those in question, come first
  const order = [...(active < 0 ? [] : [active, ...near]), ...points.keys()];
  const drawn = new Set();
  pen.textBaseline = "middle";
  for (const row of order) {
    if (drawn.has(row)) continue;
    drawn.add(row);
    const [x, y] = screen(row);
    if (x < -50 || y < -50 || x > width + 50 || y > height + 50) continue;
    const special = row === active || near.has(row);
    pen.fillStyle = special ? mark : soft;
    pen.beginPath();
    pen.arc(x, y, special ? 3.5 : 2, 0, 2 * Math.PI);
    pen.fill();
    pen.font = (row === active ? "bold " : "") + "13px system-ui, sans-serif";
    const box = { left: x + 5, right: x + 9 + pen.measureText(points[row][0]).width, top: y - 8, bottom: y + 8 };
    if (!special && taken.some((other) => overlaps(box, other))) continue;
    taken.push(box);
    if (special) {
      pen.strokeStyle = back;
      pen.lineWidth = 4;
      pen.strokeText(points[row][0], x + 6, y);
      pen.lineWidth = 1;
    }
    pen.fillStyle = special ? mark : ink;
    pen.fillText(points[row][0], x + 6, y);
  }
}

function line([x1, y1], [x2, y2]) {
  pen.beginPath();
  pen.moveTo(x1, y1);
  pen.lineTo(x2, y2);
  pen.stroke();
}

function overlaps(a, b) {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

function neighborsOf(row) {
  const flat = points[row][3];
  return flat.flatMap((other, i) => (i % 2 === 0 ? [[other, flat[i + 1]]] : []));
}

/** Lists a word's neighbors at the side. */
function tell(row) {
  if (row < 0) return;
  element("word").textContent = points[row][0];
  element("near").replaceChildren(
    ...neighborsOf(row).map(([other, cosine]) => {
      const button = document.createElement("button");
      const number = document.createElement("span");
      number.textContent = cosine.toFixed(2);
      button.append(points[other][0], number);
      button.addEventListener("click", () => choose(other, true));
      const item = document.createElement("li");
      item.append(button);
      return item;
    }),
  );
}

function choose(row, move) {
  chosen = row;
  pointed = -1;
  if (move && row >= 0) {
    view = { x: points[row][1], y: points[row][2], scale: Math.max(view.scale, 3 * fit) };
  }
  tell(row);
  draw();
}

/** The point within reach of the pointer. */
function at(x, y) {
  let best = -1;
  let least = 14 * 14;
  for (const row of points.keys()) {
    const [px, py] = screen(row);
    const squared = (px - x) ** 2 + (py - y) ** 2;
    if (squared < least) [best, least] = [row, squared];
  }
  return best;
}

/** Zooms so that what is at x, y from the middle, in pixels, stays there. */
function zoom(factor, x = 0, y = 0) {
  const scale = Math.min(Math.max(view.scale * factor, fit / 2), 200 * fit);
  view.x += x / view.scale - x / scale;
  view.y += y / view.scale - y / scale;
  view.scale = scale;
  draw();
}

function showAll() {
  view = { x: 0, y: 0, scale: fit };
  draw();
}

function middle(event) {
  const { left, top, width, height } = canvas.getBoundingClientRect();
  return [event.clientX - left - width / 2, event.clientY - top - height / 2];
}

const touches = new Map();
let moved = 0;
canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  touches.set(event.pointerId, event);
  moved = 0;
});
canvas.addEventListener("pointermove", (event) => {
  const before = touches.get(event.pointerId);
  if (!before) {
    const found = at(event.offsetX, event.offsetY);
    if (found === pointed) return;
    pointed = found;
    tell(pointed >= 0 ? pointed : chosen);
    draw();
    return;
  }
  const [dx, dy] = [event.clientX - before.clientX, event.clientY - before.clientY];
  moved += Math.abs(dx) + Math.abs(dy);
  const other = [...touches.values()].find((touch) => touch.pointerId !== event.pointerId);
  touches.set(event.pointerId, event);
  if (other) {
    const gap = (touch) => Math.hypot(touch.clientX - other.clientX, touch.clientY - other.clientY) || 1;
    zoom(gap(event) / gap(before), ...middle(other));
  } else {
    view.x -= dx / view.scale;
    view.y -= dy / view.scale;
    draw();
  }
});
for (const name of ["pointerup", "pointercancel"]) {
  canvas.addEventListener(name, (event) => {
    touches.delete(event.pointerId);
    if (name === "pointerup" && moved < 5) choose(at(event.offsetX, event.offsetY), false);
  });
}
canvas.addEventListener("pointerleave", () => {
  pointed = -1;
  tell(chosen);
  draw();
});
canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  zoom(Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.002)), ...middle(event));
}, { passive: false });
canvas.addEventListener("keydown", (event) => {
  const step = 60 / view.scale;
  const actions = {
    ArrowLeft: () => { view.x -= step; draw(); },
    ArrowRight: () => { view.x += step; draw(); },
    ArrowUp: () => { view.y -= step; draw(); },
    ArrowDown: () => { view.y += step; draw(); },
    "+": () => zoom(1.3),
    "=": () => zoom(1.3),
    "-": () => zoom(1 / 1.3),
    0: showAll,
    Escape: () => choose(-1, false),
  };
  const action = actions[event.key];
  if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  action();
});
element("in").addEventListener("click", () => zoom(1.3));
element("out").addEventListener("click", () => zoom(1 / 1.3));
element("all").addEventListener("click", showAll);

/** The words that begin with the text, or else hold it; at most 20. */
function matches(text) {
  const wanted = text.toLowerCase();
  if (wanted === "") return [];
  const all = [...points.keys()];
  const begin = all.filter((row) => folded[row].startsWith(wanted));
  const hold = all.filter((row) => !folded[row].startsWith(wanted) && folded[row].includes(wanted));
  return [...begin, ...hold].slice(0, 20);
}
const find = element("find");
find.addEventListener("input", () => {
  const found = matches(find.value);
  element("words").replaceChildren(
    ...found.map((row) => Object.assign(document.createElement("option"), { value: points[row][0] })),
  );
  if (rows.has(find.value)) choose(rows.get(find.value), true);
});
find.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  const [first] = rows.has(find.value) ? [rows.get(find.value)] : matches(find.value);
  if (first === undefined) element("word").textContent = "no such word";
  else choose(first, true);
});

new ResizeObserver(resize).observe(canvas);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
`;
