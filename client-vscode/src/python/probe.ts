import { type ExecFileException, execFile } from "node:child_process";
import { tmpdir } from "node:os";
import * as path from "node:path";
import type { Version } from "./interpreter.ts";

export type Probed =
  | { readonly ok: true; readonly executable: string; readonly version: Version }
  | { readonly ok: false; readonly reason: string };

export type Probe = (command: string) => Promise<Probed>;

const QUESTION = "import sys; print('%d %d %s' % (sys.version_info[0], sys.version_info[1], sys.executable))";
const PATIENCE_MS = 15_000;

/** Asks an interpreter who it is. `-I` keeps the user's environment and the current folder out of it. */
export const probeInterpreter: Probe = (command) =>
  new Promise((resolve) => {
    const options = { timeout: PATIENCE_MS, cwd: tmpdir(), windowsHide: true, encoding: "utf8" } as const;
    execFile(command, ["-I", "-c", QUESTION], options, (error, stdout, stderr) => {
      resolve(error ? { ok: false, reason: explain(error, stderr) } : parseAnswer(command, stdout));
    });
  });

export function parseAnswer(command: string, stdout: string): Probed {
  const match = /^(\d+) (\d+) (.*\S)\s*$/.exec(stdout);
  if (match === null) return { ok: false, reason: "it did not answer as a Python interpreter does" };
  const [, major, minor, executable] = match;
  return {
    ok: true,
    // A path is kept as it was chosen: that is the name the user knows. A bare name gains its path.
    executable: path.isAbsolute(command) ? command : (executable ?? command),
    version: { major: Number(major), minor: Number(minor) },
  };
}

function explain(error: ExecFileException, stderr: string): string {
  if (error.code === "ENOENT") return "there is no such program";
  if (error.code === "EACCES") return "it is not executable";
  if (error.killed) return `it did not answer within ${PATIENCE_MS / 1000} s`;
  const last = stderr.trim().split(/\r?\n/).pop();
  return last ? last : error.message;
}
