import { randomKernel } from "./randomKernel";
import { fillBlocks, type Words } from "./threefry";

/** Below so many words a call of the kernel costs more than it saves. */
const WORTH_A_CALL = 64;

/** {@link fillBlocks}, by the WebAssembly kernel where that is quicker. */
export function fillWords(out: Uint32Array, key: Words, first: number, high: number): void {
  const kernel = out.length < WORTH_A_CALL ? undefined : randomKernel();
  if (kernel === undefined) {
    fillBlocks(out, key, first, high);
    return;
  }
  for (let at = 0; at < out.length; at += 2 * kernel.chunk) {
    const size = Math.min(2 * kernel.chunk, out.length - at);
    out.set(kernel.words(key, first + at / 2, high, Math.ceil(size / 2)).subarray(0, size), at);
  }
}
