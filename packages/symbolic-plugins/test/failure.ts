import { expect } from "vitest";

/** Matches a SymgradError by its code and the parts of its message that help. */
export function failure(code: string, ...parts: string[]): unknown {
  return expect.objectContaining({
    name: "SymgradError",
    code,
    message: parts.length === 0 ? expect.any(String) : expect.stringMatching(patternOf(parts)),
  });
}

function patternOf(parts: string[]): RegExp {
  const escaped = parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(escaped.map((part) => `(?=[\\s\\S]*${part})`).join(""));
}
