import { expect, test } from "vitest";
import { fillXoshiro } from "./xoshiro";

// rand_xoshiro 0.6, src/xoshiro128plusplus.rs, test `reference`: the outputs of the authors' C code from 1, 2, 3, 4.
const reference = [
  641, 1573767, 3222811527, 3517856514, 836907274, 4247214768, 3867114732, 1355841295, 495546011, 621204420,
];

test("xoshiro128++: the reference outputs, from whichever of the four generators", () => {
  for (const lane of [0, 1, 2, 3]) {
    const state = Uint32Array.from({ length: 16 }, (_, i) =>
      i % 4 === lane ? 1 + Math.floor(i / 4) : i * 77,
    );
    const out = new Uint32Array(40);
    fillXoshiro(out, state);
    expect([...out].filter((_, i) => i % 4 === lane)).toEqual(reference);
  }
});
