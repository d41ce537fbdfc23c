// What of the package a browser can run: the native runtime, and all that is made for it, needs Node.
export { SymgradError, type SymgradErrorOptions } from "./errors";
export { type HostArgument, hostArgument } from "./jit/hostArgument";
