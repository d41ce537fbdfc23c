const plainLineEvery = 10_000;
const quietStart = 1_500;

export interface Progress {
  /** @param note What to show behind the bar, such as the loss. */
  update(done: number, note?: string): void;
  stop(): void;
}

/**
 * Shows how far work of known size has come and how long it will still take, on stderr: a bar on a terminal, a
 * line every ten seconds elsewhere. Work that ends within two seconds shows nothing.
 *
 * @param options.total Units of work.
 * @param options.start Units done by an earlier run, which say nothing about this run's speed.
 */
export async function createProgress(options: {
  label: string;
  total: number;
  start?: number;
}): Promise<Progress> {
  const { label, total, start = 0 } = options;
  const began = performance.now();
  const left = (done: number) => {
    if (done <= start) return "?";
    return formatDuration((((performance.now() - began) / (done - start)) * (total - done)) / 1000);
  };
  return process.stderr.isTTY ? terminalBar(label, total, left) : plainLines(label, total, left);
}

async function terminalBar(label: string, total: number, left: (done: number) => string): Promise<Progress> {
  const { default: cliProgress } = await import("cli-progress");
  const began = performance.now();
  let bar: InstanceType<typeof cliProgress.SingleBar> | undefined;
  return {
    update(done, note = "") {
      if (!bar) {
        if (performance.now() - began < quietStart) return;
        const format = `${label} {bar} {percentage} % | {left} left | {note}`;
        bar = new cliProgress.SingleBar(
          { format, stream: process.stderr },
          cliProgress.Presets.shades_classic,
        );
        bar.start(total, done, { left: left(done), note });
      }
      bar.update(done, { left: left(done), note });
    },
    stop: () => bar?.stop(),
  };
}

function plainLines(label: string, total: number, left: (done: number) => string): Progress {
  let due = performance.now() + quietStart;
  return {
    update(done, note) {
      if (performance.now() < due) return;
      due = performance.now() + plainLineEvery;
      const share = ((100 * done) / total).toFixed(0);
      const detail = note ? `, ${note}` : "";
      process.stderr.write(`${label}: ${done} of ${total} (${share} %), ${left(done)} left${detail}\n`);
    },
    stop() {},
  };
}

/** `45 s`, `3 min 20 s`, `2 h 05 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, "0")} min`;
}
