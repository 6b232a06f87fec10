/** Where an interpreter was found, in the order of preference. */
export type Source = "setting" | "python-extension" | "workspace" | "environment" | "path";

export interface Candidate {
  /** An absolute path, or a name to be looked up on the PATH. */
  readonly path: string;
  readonly source: Source;
}

export interface Version {
  readonly major: number;
  readonly minor: number;
}

export interface Interpreter {
  readonly path: string;
  readonly source: Source;
  readonly version: Version;
}

/** The oldest Python that runs the server. The selected one may be older: it only answers about its torch. */
export const OLDEST: Version = { major: 3, minor: 10 };

export function runsServer({ major, minor }: Version): boolean {
  return major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor);
}

export function versionText({ major, minor }: Version): string {
  return `${major}.${minor}`;
}
