/** What an error may say beyond its sentence. */
export interface SymgradErrorOptions {
  /** Where it happened: a file and line, a head, a step, an argument. */
  where?: string | undefined;
  /** What to do about it, as one sentence in the imperative. */
  hint?: string | undefined;
  /** The lower error that this one wraps. */
  cause?: unknown;
}

/**
 * An error that a user can act on: a stable code, what happened with the value received and the value wanted,
 * where, and what to do. Anything else that is thrown is a bug.
 */
export class SymgradError extends Error {
  readonly code: string;
  readonly where: string | undefined;
  readonly hint: string | undefined;

  constructor(code: string, sentence: string, options: SymgradErrorOptions = {}) {
    const lines = [`${code} ${sentence}`];
    if (options.where) lines.push(`  Where: ${options.where}`);
    if (options.hint) lines.push(`  Do: ${options.hint}`);
    super(lines.join("\n"), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "SymgradError";
    this.code = code;
    this.where = options.where;
    this.hint = options.hint;
  }
}
