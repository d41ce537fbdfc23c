import { readFileSync } from "node:fs";

const trainingImages = 1297;
const file = new URL("../../fixtures/digits/digits.txt", import.meta.url);

/**
 * Handwritten digits of 8x8 pixels, 1,297 for training and 500 for testing.
 *
 * @returns `{ train, test }`, each `{ images, labels }`: pixels from 0 to 1, `[images, 64]` flat, and digits.
 */
export function readDigits() {
  const lines = readFileSync(file, "utf8").trim().split("\n");
  return { train: parse(lines.slice(0, trainingImages)), test: parse(lines.slice(trainingImages)) };
}

function parse(lines) {
  const images = new Float32Array(lines.length * 64);
  const labels = new Int32Array(lines.length);
  for (const [i, line] of lines.entries()) {
    labels[i] = Number(line[0]);
    for (let pixel = 0; pixel < 64; pixel++) {
      images[i * 64 + pixel] = Number.parseInt(line[2 + pixel], 17) / 16;
    }
  }
  return { images, labels };
}
