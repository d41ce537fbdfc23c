/**
 * The protocol of an argument that is no tensor and yet changes from call to call, such as a random key: the traced
 * function receives the placeholder, and each run binds it to the argument it was really called with.
 */
export const hostArgument: unique symbol = Symbol.for("symgrad.hostArgument") as never;

export interface HostArgument {
  [hostArgument](): { placeholder: unknown; bind(actual: unknown): void };
}
