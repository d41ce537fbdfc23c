import { Linear, Module } from "@symgrad/core";

/** 64 pixels -> 10 logits: two hidden layers. */
export class DigitNetwork extends Module {
  constructor(key, hidden = 128) {
    super();
    const sizes = [64, hidden, hidden, 10];
    this.layers = sizes
      .slice(1)
      .map((outputs, i) => new Linear({ inputs: sizes[i], outputs, key: key.fold(i) }));
  }

  /** @param images `[images, 64]` @returns `[images, 10]` */
  apply(images) {
    return this.layers.reduce((x, layer, i) => layer.apply(i === 0 ? x : x.relu()), images);
  }
}
