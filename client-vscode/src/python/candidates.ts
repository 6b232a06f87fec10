import * as path from "node:path";
import { isInside } from "../paths.ts";
import type { Candidate, Source } from "./interpreter.ts";

export interface Surroundings {
  /** `tensorls.interpreter`, expanded; empty when unset. */
  readonly setting: string;
  readonly pythonExtension: string | undefined;
  readonly folders: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly trusted: boolean;
}

/** Interpreters that may answer about torch, best first. */
export function candidates(around: Surroundings): Candidate[] {
  // An explicit choice has no second: answers from another torch than the one asked for would be wrong.
  if (around.setting !== "") return allowed([{ path: around.setting, source: "setting" }], around);
  const found: Candidate[] = [];
  const add = (file: string | undefined, source: Source): void => {
    if (file && !found.some((other) => other.path === file)) found.push({ path: file, source });
  };
  add(around.pythonExtension, "python-extension");
  for (const folder of around.folders) add(venvPython(join(around, folder, ".venv"), around), "workspace");
  const { VIRTUAL_ENV: venv, CONDA_PREFIX: conda } = around.env;
  if (venv) add(venvPython(venv, around), "environment");
  if (conda) add(condaPython(conda, around), "environment");
  for (const name of pathNames(around.platform)) add(name, "path");
  return allowed(found, around);
}

/** Further names under which a Python that can run the server may be on the PATH. */
export function newerPythons(platform: NodeJS.Platform): Candidate[] {
  const names = platform === "win32" ? ["py"] : [14, 13, 12, 11, 10].map((minor) => `python3.${minor}`);
  return [...names, ...pathNames(platform)].map((name) => ({ path: name, source: "path" }));
}

/** Running an interpreter inside an untrusted workspace would run the workspace's code. */
function allowed(found: Candidate[], { trusted, folders }: Surroundings): Candidate[] {
  return trusted ? found : found.filter((one) => !folders.some((folder) => isInside(one.path, folder)));
}

function pathNames(platform: NodeJS.Platform): string[] {
  return platform === "win32" ? ["python", "py"] : ["python3", "python"];
}

function venvPython(prefix: string, around: Surroundings): string {
  return around.platform === "win32"
    ? join(around, prefix, "Scripts", "python.exe")
    : join(around, prefix, "bin", "python");
}

function condaPython(prefix: string, around: Surroundings): string {
  return around.platform === "win32"
    ? join(around, prefix, "python.exe")
    : join(around, prefix, "bin", "python");
}

function join({ platform }: Surroundings, ...parts: string[]): string {
  return (platform === "win32" ? path.win32 : path.posix).join(...parts);
}
