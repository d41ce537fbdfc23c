// A Python that has torch: SYMGRAD_PYTHON, `python3`, or one that is made from bench/requirements.txt under bench/.venv.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../.venv/", import.meta.url));
const requirements = fileURLToPath(new URL("../requirements.txt", import.meta.url));

/** @returns The path of an interpreter that imports torch. */
export function torchPython(log) {
  const known = [process.env.SYMGRAD_PYTHON, "python3", `${folder}bin/python`];
  const found = known.find((python) => python && hasTorch(python));
  if (found) return found;
  log(
    `making ${folder} from bench/requirements.txt (about 5 GB; SYMGRAD_PYTHON names an interpreter that has torch)`,
  );
  const toStderr = { stdio: ["ignore", 2, 2] };
  if (!existsSync(`${folder}bin/python`)) execFileSync("python3", ["-m", "venv", folder], toStderr);
  execFileSync(`${folder}bin/python`, ["-m", "pip", "install", "-r", requirements], toStderr);
  return `${folder}bin/python`;
}

function hasTorch(python) {
  try {
    execFileSync(python, ["-c", "import torch, numpy; assert int(torch.__version__.split('.')[0]) >= 2"], {
      stdio: "ignore",
    });
    return true;
  } catch {
    return false;
  }
}
