import * as path from "node:path";

export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
}

export interface LaunchInputs {
  /** `tensorls.server.command`, or the environment's override: replaces the bundled server when not empty. */
  readonly override: readonly string[];
  readonly host: string;
  readonly selected: string;
  readonly extensionPath: string;
}

export const OVERRIDE_VARIABLE = "TENSORLS_SERVER_COMMAND";

export function buildLaunch({ override, host, selected, extensionPath }: LaunchInputs): Launch {
  const tail = ["server", "--stdio", "--python", selected];
  const [program, ...leading] = override;
  if (program !== undefined) return { command: program, args: [...leading, ...tail] };
  return { command: host, args: [path.join(extensionPath, "bundled", "tool", "launch.py"), ...tail] };
}

export function sameLaunch(a: Launch | undefined, b: Launch): boolean {
  return a !== undefined && a.command === b.command && a.args.join("\0") === b.args.join("\0");
}

/** The variable holds a JSON array, or words between blanks. */
export function parseOverride(raw: string | undefined): string[] {
  const text = raw?.trim() ?? "";
  if (!text.startsWith("[")) return text === "" ? [] : text.split(/\s+/);
  try {
    const parsed: unknown = JSON.parse(text);
    if (Array.isArray(parsed)) return parsed.filter((part): part is string => typeof part === "string");
  } catch {
    // Reported below, with the remedy.
  }
  throw new Error(`${OVERRIDE_VARIABLE} must be words between blanks or a JSON array of strings: ${text}`);
}
