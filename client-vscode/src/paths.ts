import * as path from "node:path";

export interface Expansion {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly folder: string | undefined;
}

/** Expands `~`, `${workspaceFolder}` and `${env:NAME}`; a relative path with a separator starts at the folder. */
export function expandPath(raw: string, { home, env, folder }: Expansion): string {
  let text = raw.trim().replace(/^~(?=$|[\\/])/, () => home);
  text = text.replace(/\$\{env:([^}]+)\}/g, (_, name: string) => env[name] ?? "");
  if (folder === undefined) return text;
  text = text.replace(/\$\{workspaceFolder\}/g, () => folder);
  const isBareName = !/[\\/]/.test(text);
  return isBareName || path.isAbsolute(text) ? text : path.join(folder, text);
}

export function isInside(file: string, folder: string): boolean {
  const relative = path.relative(folder, file);
  return relative !== "" && !path.isAbsolute(relative) && relative.split(path.sep)[0] !== "..";
}
