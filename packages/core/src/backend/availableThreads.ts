import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/**
 * Cores this process may use: what the scheduler allows, cut down to the processor quota of its container (cgroup v2).
 * More threads than that would wait for each other.
 */
export function availableThreads(
  readQuota: () => string = () => readFileSync("/sys/fs/cgroup/cpu.max", "utf8"),
): number {
  const cores = availableParallelism();
  try {
    const [quota, period] = readQuota().trim().split(" ").map(Number); // "200000 100000", or "max 100000"
    const share = Math.ceil(quota! / period!);
    return share >= 1 ? Math.min(cores, share) : cores;
  } catch {
    return cores; // not in a container, or not on Linux
  }
}
