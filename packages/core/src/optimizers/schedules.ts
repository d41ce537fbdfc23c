import { SymgradError } from "../errors";

/** The learning rate at a step; steps count from 0. */
export type Schedule = (step: number) => number;

export interface WarmupOptions {
  /** The highest rate, reached at step `warmup`. */
  peak: number;
  /** Steps of linear rise from 0; the rate at step s is peak * (s + 1) / warmup until it reaches the peak. Default 0. */
  warmup?: number;
  /** The step at which the rate reaches 0, and stays there. Above `warmup`. */
  total: number;
}

/** The same rate at every step. */
export function constantSchedule(rate: number): Schedule {
  return () => rate;
}

/**
 * Linear rise, then linear fall to 0. The first step already has a rate above 0, so that no step is wasted.
 *
 * @throws SymgradError `E_RANGE` unless 0 <= warmup < total.
 */
export function linearSchedule({ peak, warmup = 0, total }: WarmupOptions): Schedule {
  assertWarmup("linearSchedule", warmup, total);
  return (step) => peak * rise(step, warmup) * (1 - progress(step, warmup, total));
}

/**
 * Linear rise, then half a cosine down to 0.
 *
 * @throws SymgradError `E_RANGE` unless 0 <= warmup < total.
 * @see Loshchilov and Hutter 2017, arXiv:1608.03983, eq. 5, without restarts.
 */
export function cosineSchedule({ peak, warmup = 0, total }: WarmupOptions): Schedule {
  assertWarmup("cosineSchedule", warmup, total);
  return (step) => peak * rise(step, warmup) * 0.5 * (1 + Math.cos(Math.PI * progress(step, warmup, total)));
}

function rise(step: number, warmup: number): number {
  return warmup === 0 ? 1 : Math.min(1, (step + 1) / warmup);
}

function progress(step: number, warmup: number, total: number): number {
  return Math.min(1, Math.max(0, (step - warmup) / (total - warmup)));
}

function assertWarmup(where: string, warmup: number, total: number): void {
  if (!(warmup >= 0 && warmup < total)) {
    throw new SymgradError(
      "E_RANGE",
      `${where}: 0 <= warmup < total must hold, got warmup ${warmup}, total ${total}.`,
    );
  }
}
