import { availableParallelism, totalmem } from "node:os";
import type { BackendReport } from "@symgrad/core";
import type { Command } from "commander";
import { withJson } from "../options";
import { printResult, reserveStdout } from "../output";
import { ownPackage } from "../ownPackage";

export function define(command: Command): void {
  withJson(command).action(run);
}

interface DoctorReport {
  symgrad: string;
  node: { version: string; wanted: string };
  platform: string;
  threads: number;
  memoryGiB: number;
  backends: readonly BackendReport[];
}

async function run(options: { json?: boolean }): Promise<void> {
  if (options.json) reserveStdout();
  const { backendReport, SymgradError } = await import("@symgrad/core");
  const report: DoctorReport = {
    symgrad: ownPackage().version,
    node: { version: process.versions.node, wanted: ownPackage().engines.node },
    platform: `${process.platform}-${process.arch}`,
    threads: availableParallelism(),
    memoryGiB: Math.round((10 * totalmem()) / 2 ** 30) / 10,
    backends: await backendReport(),
  };
  printResult(options.json, report, () => describe(report));
  if (!report.backends.some((backend) => backend.available)) {
    throw new SymgradError("E_BACKEND", "no backend works on this machine.", {
      hint: "see the reasons above; the wasm backend needs nothing but Node",
    });
  }
}

function describe(report: DoctorReport): string {
  const lines = [
    `symgrad ${report.symgrad} on Node ${report.node.version} (wanted ${report.node.wanted})`,
    `${report.platform}, ${report.threads} threads, ${report.memoryGiB} GiB of memory`,
    "",
    "Backends, in order of preference (* in use, + works, - does not):",
  ];
  for (const {
    name,
    available,
    selected,
    version,
    threads,
    reason,
    fix,
    providers = [],
  } of report.backends) {
    const mark = selected ? "*" : available ? "+" : "-";
    const detail = available ? [version, threads && `${threads} threads`] : [reason];
    lines.push(`  ${mark} ${name.padEnd(14)} ${detail.filter(Boolean).join(", ")}`);
    if (!available && fix) lines.push(`    Do: ${fix}`);
    for (const provider of providers) {
      lines.push(
        `      ${provider.available ? "+" : "-"} ${provider.name.padEnd(7)} ${provider.reason ?? ""}`.trimEnd(),
      );
      if (provider.fix) lines.push(`        Do: ${provider.fix}`);
    }
  }
  return lines.join("\n");
}
