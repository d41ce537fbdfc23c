let last: Promise<unknown> = Promise.resolve();

/**
 * Starts a task once every task given before it is done, whether that succeeded or failed. All jitted functions of the
 * process share this queue: what one run writes to a variable, the next run, of whichever function, must read.
 */
export function inOrder<T>(task: () => T | Promise<T>): Promise<T> {
  const result = last.then(task);
  last = result.catch(() => undefined);
  return result;
}
