export { SymgradError, type SymgradErrorOptions } from "@symgrad/tfjs-backend-onnxruntime";
