import { SymgradError } from "@symgrad/core";
import { streamPieces } from "./streamPieces";

/**
 * Unpacks gzip by what browsers have.
 *
 * @throws SymgradError `E_FORMAT` for data cut off or damaged.
 */
export async function* gunzipped(bytes: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  const pieces = bytes[Symbol.asyncIterator]();
  let failure: { error: unknown } | undefined; // of the bytes themselves
  const packed = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      try {
        const next = await pieces.next();
        if (next.done) controller.close();
        else controller.enqueue(next.value as Uint8Array<ArrayBuffer>);
      } catch (error) {
        failure = { error };
        controller.error(error);
      }
    },
    async cancel() {
      await pieces.return?.();
    },
  });
  try {
    yield* streamPieces(packed.pipeThrough(new DecompressionStream("gzip")));
  } catch (cause) {
    if (failure) throw failure.error;
    throw new SymgradError("E_FORMAT", `${name} cannot be unpacked: ${(cause as Error).message}`, {
      hint: "the data is cut off or damaged: load it again",
      cause,
    });
  }
}
