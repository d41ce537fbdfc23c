import { key, normal } from "@symgrad/core";
import { expect, test } from "vitest";
import { WordVectors } from "../wordVectors";
import { jointProbabilities, neighborProbabilities, tsne, tsneGradient } from "./tsne";
import { wordMap } from "./wordMap";

const noise = (seed: number, shape: number[]) => normal(key(seed), shape).dataSync() as Float32Array;

/** Three clouds, point i in cloud i % 3. */
function clouds(count: number, dimension: number): Float32Array {
  const points = noise(1, [count, dimension]).slice();
  const centers = noise(2, [3, dimension]);
  return points.map(
    (value, i) => value + 4 * centers[(Math.floor(i / dimension) % 3) * dimension + (i % dimension)]!,
  );
}

test("each point's neighbors have the wanted perplexity, however far apart they are", () => {
  for (const scale of [1e-3, 1, 1e3]) {
    const distances = noise(3, [60]).map((value) => scale * value * value);
    const probabilities = neighborProbabilities(distances, 5, 12);
    const entropy = probabilities.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0);
    expect(Math.exp(entropy)).toBeCloseTo(12, 4);
    expect(probabilities[5]).toBe(0);
    expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
  }
});

test("the gradient agrees with central differences of the divergence", () => {
  const joint = jointProbabilities(clouds(20, 5), 20, 5);
  expect(joint.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
  const places = Float64Array.from(noise(4, [40]));
  const gradient = new Float64Array(40);
  const unused = new Float64Array(40);
  tsneGradient(joint, places, gradient);
  const size = Math.sqrt(gradient.reduce((sum, value) => sum + value * value, 0) / 40);
  expect(size).toBeGreaterThan(1e-3);
  for (let i = 0; i < 40; i++) {
    const at = (step: number) => tsneGradient(joint, places.with(i, places[i]! + step), unused);
    const difference = (at(1e-5) - at(-1e-5)) / 2e-5;
    // The joint probabilities are float32: their sum is 1 to about 1e-7.
    expect(Math.abs(difference - gradient[i]!)).toBeLessThan(1e-5 * size + 1e-6);
  }
});

test("points of a cloud stay together, and the same key gives the same places", async () => {
  const points = clouds(150, 10);
  const places = await tsne(points, 150, { key: key(0), iterations: 500 });
  expect(await tsne(points, 150, { key: key(0), iterations: 500 })).toEqual(places);
  let together = 0;
  for (let i = 0; i < 150; i++) {
    const away = (j: number) =>
      Math.hypot(places[2 * i]! - places[2 * j]!, places[2 * i + 1]! - places[2 * j + 1]!);
    const nearest = Array.from({ length: 150 }, (_, j) => j)
      .filter((j) => j !== i)
      .sort((a, b) => away(a) - away(b))[0]!;
    if (nearest % 3 === i % 3) together++;
  }
  expect(together).toBe(150);
});

test("too many points, and options without sense, are refused", async () => {
  await expect(tsne(new Float32Array(2001), 2001, { key: key(0) })).rejects.toThrow(
    /E_RANGE .*2001.*the most is 2000/,
  );
  await expect(tsne(new Float32Array(4), 4, { key: key(0), perplexity: 0 })).rejects.toThrow(
    /E_RANGE perplexity is 0/,
  );
  const stopped = { key: key(0), signal: AbortSignal.abort() };
  await expect(tsne(clouds(9, 2), 9, stopped)).rejects.toThrow(/E_ABORT/);
});

const words = ["</script><b>", "über", "a&b", ...Array.from({ length: 27 }, (_, i) => `w${i}`)];
const vectors = new WordVectors({ words, dimension: 8, values: clouds(30, 8) });

/** What the page's script begins with. */
function pointsOf(page: string): [string, number, number, number[]][] {
  return JSON.parse(/const points = (.*);/.exec(page)![1]!);
}

test("the page is whole, loads nothing, and is the same for the same key", async () => {
  const page = await wordMap(vectors, { key: key(1), title: 'My "words" <1>' });
  expect(await wordMap(vectors, { key: key(1), title: 'My "words" <1>' })).toBe(page);
  expect(await wordMap(vectors, { key: key(2), title: 'My "words" <1>' })).not.toBe(page);
  expect(page).not.toMatch(/https?:|src=|@import|url\(/);
  expect(page).toContain("<title>My &quot;words&quot; &lt;1&gt;</title>");
  expect(page.match(/<\/script>/g)).toHaveLength(1);
  new Function(/<script>([\s\S]*)<\/script>/.exec(page)![1]!); // it parses
  const points = pointsOf(page);
  expect(points.map(([word]) => word)).toEqual(words);
  for (const [, x, y, near] of points) {
    expect(Math.max(Math.abs(x), Math.abs(y))).toBeLessThanOrEqual(1);
    expect(near).toHaveLength(16);
  }
  // The neighbors of a point are of its cloud.
  expect(points[7]![3].filter((_, i) => i % 2 === 0).every((row) => row % 3 === 1)).toBe(true);
});

test("chosen words, each once; unknown ones and none are refused", async () => {
  const page = await wordMap(vectors, { key: key(1), words: ["w3", "über", "w3"], neighbors: 1 });
  expect(pointsOf(page).map(([word]) => word)).toEqual(["w3", "über"]);
  expect(pointsOf(await wordMap(vectors, { key: key(1), top: 1 }))).toEqual([[words[0], 0, 0, []]]);
  await expect(wordMap(vectors, { key: key(1), words: ["w33"] })).rejects.toThrow(/E_WORD "w33"[\s\S]*w3/);
  await expect(wordMap(vectors, { key: key(1), words: [] })).rejects.toThrow(/E_RANGE .*0 words/);
});

/** As much of a browser as the page's script uses. */
function browser(page: string) {
  type Listener = (event: Record<string, unknown>) => void;
  class Element {
    textContent = "";
    value = "";
    children: unknown[] = [];
    listeners = new Map<string, Listener>();
    addEventListener(name: string, listener: Listener) {
      this.listeners.set(name, listener);
    }
    append(...children: unknown[]) {
      this.children.push(...children);
    }
    replaceChildren(...children: unknown[]) {
      this.children = children;
    }
    getBoundingClientRect = () => ({ left: 0, top: 0, width: 400, height: 300 });
    setPointerCapture() {}
    getContext() {
      const drawn = { measureText: () => ({ width: 20 }), fillText: (word: string) => texts.push(word) };
      return new Proxy(drawn, { get: (all, name) => Reflect.get(all, name) ?? (() => {}), set: () => true });
    }
  }
  const texts: string[] = [];
  const elements = new Map<string, Element>();
  const element = (id: string) => elements.get(id) ?? elements.set(id, new Element()).get(id)!;
  const globals = {
    document: { getElementById: element, createElement: () => new Element(), documentElement: {} },
    getComputedStyle: () => ({ getPropertyValue: () => "black" }),
    matchMedia: () => ({ addEventListener() {} }),
    devicePixelRatio: 2,
    ResizeObserver: class {
      constructor(readonly changed: () => void) {}
      observe() {
        this.changed();
      }
    },
  };
  new Function(...Object.keys(globals), /<script>([\s\S]*)<\/script>/.exec(page)![1]!)(
    ...Object.values(globals),
  );
  const fire = (id: string, name: string, event: Record<string, unknown> = {}) => {
    texts.length = 0;
    element(id).listeners.get(name)!({ preventDefault() {}, ...event });
  };
  return { element, fire, texts };
}

test("the page finds words, shows neighbors under the pointer, zooms and moves", async () => {
  const page = await wordMap(vectors, { key: key(1) });
  const points = pointsOf(page);
  const { element, fire, texts } = browser(page);
  expect(texts.length).toBeGreaterThan(1);
  element("find").value = "w1";
  fire("find", "input");
  expect(element("word").textContent).toBe("w1");
  expect(element("words").children).toHaveLength(11); // w1, w10 to w19
  expect(element("near").children).toHaveLength(8);
  expect(texts[0]).toBe("w1"); // drawn first, in the middle
  fire("map", "pointermove", { pointerId: 1, offsetX: 200, offsetY: 150 });
  expect(element("word").textContent).toBe("w1");
  fire("map", "keydown", { key: "0" });
  expect(texts.length).toBeGreaterThan(1);
  const [word, x, y] = points[2]!;
  const [offsetX, offsetY] = [200 + 120 * x, 150 + 120 * y];
  fire("map", "pointermove", { pointerId: 1, offsetX, offsetY });
  expect(element("word").textContent).toBe(word);
  for (const key of ["+", "-", "ArrowLeft", "ArrowDown", "Escape"]) fire("map", "keydown", { key });
  fire("map", "wheel", { clientX: 10, clientY: 10, deltaY: -100, deltaMode: 0 });
  const touch = { pointerId: 1, clientX: 10, clientY: 10, offsetX, offsetY };
  fire("map", "pointerdown", touch);
  fire("map", "pointermove", { ...touch, clientX: 300 });
  fire("map", "pointerup", touch);
  expect(texts).not.toContain("w1"); // moved away
  element("find").value = "nowhere";
  fire("find", "keydown", { key: "Enter" });
  expect(element("word").textContent).toBe("no such word");
});
