import type { SingleBar } from "cli-progress";

const quietStart = 1_500; // ms
const plainLineEvery = 10_000; // ms

/** How far a piece of work has come. */
export interface ProgressState {
  /** Names the piece; another name begins another bar. */
  label: string;
  done: number;
  total: number;
  /** Estimated here, from the pace since the piece began, where the work does not know better. */
  secondsLeft?: number | undefined;
  /** Shown behind the bar, such as the loss. */
  note?: string;
}

export interface Progress {
  update(state: ProgressState): void;
  stop(): void;
}

/**
 * Shows on stderr how far work has come and how long it will still take: bars on a terminal, a line every ten seconds
 * elsewhere. A piece that ends within two seconds shows nothing.
 */
export async function createProgress(): Promise<Progress> {
  const draw = process.stderr.isTTY ? await terminalBars() : plainLines();
  let label: string | undefined;
  let began = { at: 0, done: 0 };
  let due = 0;
  return {
    update(state) {
      const now = performance.now();
      if (state.label !== label) {
        draw.stop();
        label = state.label;
        began = { at: now, done: state.done };
        due = now + quietStart;
      }
      if (now < due) return;
      due = now + draw.interval;
      const pace = (now - began.at) / 1000 / (state.done - began.done);
      const secondsLeft = state.secondsLeft ?? pace * (state.total - state.done);
      draw.show(state, Number.isFinite(secondsLeft) ? formatDuration(secondsLeft) : "?");
    },
    stop: () => draw.stop(),
  };
}

interface Drawing {
  interval: number;
  show(state: ProgressState, left: string): void;
  stop(): void;
}

async function terminalBars(): Promise<Drawing> {
  const { default: cliProgress } = await import("cli-progress");
  let bar: SingleBar | undefined;
  return {
    interval: 0,
    show({ label, done, total, note = "" }, left) {
      if (!bar) {
        const format = `${label} {bar} {percentage} % | {left} left | {note}`;
        // Its own handler of Ctrl-C would keep the process from ending.
        const options = { format, stream: process.stderr, gracefulExit: false };
        bar = new cliProgress.SingleBar(options, cliProgress.Presets.shades_classic);
        bar.start(total, done, { left, note });
      }
      bar.update(done, { left, note });
    },
    stop() {
      bar?.stop();
      bar = undefined;
    },
  };
}

function plainLines(): Drawing {
  return {
    interval: plainLineEvery,
    show({ label, done, total, note }, left) {
      const share = ((100 * done) / total).toFixed(0);
      process.stderr.write(
        `${label}: ${done} of ${total} (${share} %), ${left} left${note ? `, ${note}` : ""}\n`,
      );
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
