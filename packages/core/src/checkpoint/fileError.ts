import { SymgradError } from "../errors";

const FULL = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);
const SENTENCES: Record<string, string> = {
  ENOENT: "there is no such file or folder",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of the path is not a folder",
  ENAMETOOLONG: "the name is too long",
  EMFILE: "too many files are open",
};

/** The code of a system error (`"ENOENT"`), or `undefined` for any other value. */
export function systemCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" ? code : undefined;
}

/**
 * Turns a failed file operation into the error a user can act on: `E_DISK` for a full disk, `E_FILE` for a path
 * that cannot be used. A SymgradError and anything that is not a system error come back unchanged.
 *
 * @param doing What was being done, as in "write" or "read".
 */
export function fileError(error: unknown, doing: string, path: string): unknown {
  if (error instanceof SymgradError) return error;
  const code = systemCode(error);
  if (code === undefined) return error;
  if (FULL.has(code)) {
    return new SymgradError("E_DISK", `cannot ${doing} ${path}: the disk is full (${code}).`, {
      hint: "free some space or choose a path on another disk; what was complete before is still in place",
      cause: error,
    });
  }
  const reason = SENTENCES[code];
  if (reason === undefined && !/^E[A-Z0-9]+$/.test(code)) return error;
  return new SymgradError("E_FILE", `cannot ${doing} ${path}: ${reason ?? "the system refused"} (${code}).`, {
    hint: code === "ENOENT" ? "check the path for a misspelling" : undefined,
    cause: error,
  });
}
