import { SymgradError } from "../errors";

/** Functions of TensorFlow.js that read values, as they appear in a stack. Their result's shape depends on these. */
const SHAPE_FROM_VALUES = [
  "whereAsync",
  "booleanMaskAsync",
  "setdiff1dAsync",
  "nonMaxSuppressionAsync",
  "nonMaxSuppressionWithScoreAsync",
  "nonMaxSuppressionPaddedAsync",
];
/** And those that only show or return them. Inner ones come last: print calls toString, which calls dataSync. */
const READERS = [
  "print",
  "toString",
  "arraySync",
  "array",
  "bufferSync",
  "buffer",
  "bytesSync",
  "bytes",
  "dataSync",
  "data",
];

/** The error of a value that is read while it does not exist, naming the function of TensorFlow.js that reads it. */
export function readWhileTracing(): SymgradError {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 100;
  const calls = (new Error().stack ?? "").split("\n");
  Error.stackTraceLimit = limit;
  const called = (name: string) =>
    calls.some((call) => new RegExp(`(?:^|[ .])${name}_? `).test(call.trim().slice(3)));
  const maker = SHAPE_FROM_VALUES.find(called);
  const reader = maker ?? READERS.find(called);
  return new SymgradError(
    "E_TRACE",
    `jit: a tensor's value was read while tracing${reader ? `, by ${maker ? "tf." : "Tensor."}${reader}` : ""}; it does not exist yet.`,
    {
      hint: maker
        ? "the shape of its result depends on values: call it outside the jitted function, or keep the full shape and mask: tf.where(condition, x, 0)"
        : "return the tensor from the jitted function and read it outside, or compute the value before the call and pass it as an argument",
    },
  );
}
