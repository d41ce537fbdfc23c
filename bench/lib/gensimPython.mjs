// A Python that has gensim: SYMGRAD_PYTHON, or `python3`.
import { execFileSync } from "node:child_process";

/** @returns The path of an interpreter that imports gensim, or undefined after saying so. */
export function gensimPython(log) {
  const found = [process.env.SYMGRAD_PYTHON, "python3"].find((python) => python && hasGensim(python));
  if (!found) log("no gensim: SYMGRAD_PYTHON names an interpreter that has it (pip install gensim==4.4.0)");
  return found;
}

function hasGensim(python) {
  try {
    execFileSync(python, ["-c", "import gensim; assert gensim.__version__ >= '4'"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
