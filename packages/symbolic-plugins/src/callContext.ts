/** What `run` gets beside its arguments. */
export interface RunContext {
  /** Aborted when nobody waits for this call any more: it took longer than `timeoutMs`, or its batch was stopped. */
  readonly signal: AbortSignal;
}

/** Makes the signal only for a function that looks at it. */
export class CallContext implements RunContext {
  #controller: AbortController | undefined;
  #reason: unknown;

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  abort(reason: Error): void {
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}
