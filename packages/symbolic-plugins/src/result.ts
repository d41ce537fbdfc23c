/** What a symbolic function gives back: a result is a value, and so is having none. A throw is a bug. */
export type Result = OkResult | UndefinedResult;

export interface OkResult {
  readonly kind: "ok";
  /** What the network reads. */
  readonly text: string;
  /** The computed results alone, so that labels can ask whether an answer is one of them. */
  readonly values: readonly string[];
}

export interface UndefinedResult {
  readonly kind: "undefined";
  /** Why there is no result, in the same words each time: it is counted by reason. */
  readonly reason: string;
}

/** No result within the time a call may take. The layer makes it; a function need not. */
export interface TimeoutResult {
  readonly kind: "timeout";
  /** `timeout after 30000 ms`. */
  readonly reason: string;
}

export interface OkOptions {
  /** The computed results alone: for "95 = 72 + 23" it is ["95"]. Default: none. */
  values?: readonly string[];
}

/** A result. @example ok("95 = 72 + 23", { values: ["95"] }) */
export function ok(text: string, options: OkOptions = {}): OkResult {
  return { kind: "ok", text, values: options.values ?? [] };
}

/** No result for these arguments, and why. @example undefinedResult("division by zero") */
export function undefinedResult(reason: string): UndefinedResult {
  return { kind: "undefined", reason };
}

export function isResult(value: unknown): value is Result {
  if (typeof value !== "object" || value === null) return false;
  const { kind, text, values, reason } = value as Record<string, unknown>;
  if (kind === "undefined") return typeof reason === "string" && reason !== "";
  return (
    kind === "ok" &&
    typeof text === "string" &&
    Array.isArray(values) &&
    values.every((item) => typeof item === "string")
  );
}
