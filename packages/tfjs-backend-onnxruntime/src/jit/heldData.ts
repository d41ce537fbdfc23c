import * as tf from "@tensorflow/tfjs";

/** What TensorFlow.js keeps behind its public interface: which backend holds the data of a tensor, counted. */
interface DataBackend {
  incRef(dataId: object): void;
  disposeData(dataId: object): boolean;
}
interface EngineData {
  state: { tensorInfo: WeakMap<object, { backend: DataBackend }> };
  removeDataId(dataId: object, backend: DataBackend): void;
}

const engine = () => tf.engine() as unknown as EngineData;

function backendOf(dataId: object): DataBackend {
  return engine().state.tensorInfo.get(dataId)!.backend;
}

/** Keeps data alive even if every tensor that shows it is disposed. */
export function holdData(dataId: object): void {
  backendOf(dataId).incRef(dataId);
}

/** Ends one hold, or one tensor's use; the last one frees the data, on whichever backend it is by now. */
export function releaseData(dataId: object): void {
  const backend = backendOf(dataId);
  if (backend.disposeData(dataId)) engine().removeDataId(dataId, backend);
}
