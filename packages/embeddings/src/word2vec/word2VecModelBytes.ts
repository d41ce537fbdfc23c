import { decodeSafetensors, encodeSafetensors } from "@symgrad/core";
import { modelOf, storedModel } from "./storedWord2VecModel";
import type { Word2VecModel } from "./word2VecModel";

/** All of a model as the bytes of the file that `saveWord2VecModel` writes: what a page keeps to train on later. */
export async function encodeWord2VecModel(model: Word2VecModel): Promise<Blob> {
  const { tensors, metadata } = storedModel(model);
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for await (const piece of encodeSafetensors(tensors, metadata))
    pieces.push(piece as Uint8Array<ArrayBuffer>);
  return new Blob(pieces);
}

/** @throws SymgradError `E_FORMAT` if the bytes are those of something else, or damaged. */
export async function decodeWord2VecModel(
  bytes: Blob,
  { name = "the model" }: { name?: string } = {},
): Promise<Word2VecModel> {
  const read = (position: number, length: number) => bytes.slice(position, position + length).arrayBuffer();
  return modelOf(await decodeSafetensors({ size: bytes.size, read }, name), name);
}
