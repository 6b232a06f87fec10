import { homedir } from "node:os";
import * as vscode from "vscode";
import { OVERRIDE_VARIABLE, parseOverride } from "./launch.ts";
import { expandPath } from "./paths.ts";

export const SECTION = "tensorls";

/** Settings whose change needs another server, not only another answer. */
export const LAUNCH_SETTINGS = [`${SECTION}.interpreter`, `${SECTION}.server.command`] as const;

export function folderPaths(): string[] {
  return (vscode.workspace.workspaceFolders ?? [])
    .filter((folder) => folder.uri.scheme === "file")
    .map((folder) => folder.uri.fsPath);
}

/** One server serves the window, so the first folder's choice counts. */
export function mainFolder(): vscode.Uri | undefined {
  return vscode.workspace.workspaceFolders?.[0]?.uri;
}

function read(scope?: vscode.Uri): vscode.WorkspaceConfiguration {
  return vscode.workspace.getConfiguration(SECTION, scope ?? null);
}

function expand(raw: string): string {
  return expandPath(raw, { home: homedir(), env: process.env, folder: folderPaths()[0] });
}

export function interpreterSetting(): string {
  return expand(read(mainFolder()).get<string>("interpreter", ""));
}

/** The setting wins over the environment variable: it is the nearer of the two. */
export function serverCommand(): string[] {
  const setting = read(mainFolder()).get<string[]>("server.command", []);
  return setting.length > 0 ? setting.map(expand) : parseOverride(process.env[OVERRIDE_VARIABLE]);
}

export function inlayHintsEnabled(uri: vscode.Uri): boolean {
  return read(uri).get<boolean>("inlayHints.enabled", true);
}

/** What the server is told at `initialize`; later changes reach it as `workspace/didChangeConfiguration`. */
export function initializationOptions(): object {
  const { interpreter, inlayHints, trace } = read(mainFolder());
  return {
    settings: { interpreter, inlayHints, trace },
    locale: vscode.env.language,
    trusted: vscode.workspace.isTrusted,
  };
}
