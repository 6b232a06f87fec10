import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import type { TensorlsApi } from "../../src/extension.ts";
import type { ServerStatus } from "../../src/protocol.ts";

/** The interpreter that the fake server runs under; the runner names it. */
export const PYTHON = process.env["TENSORLS_E2E_PYTHON"] ?? "python3";

const EXTENSION = "tensorls.tensorls";

function extension(): vscode.Extension<TensorlsApi> {
  const found = vscode.extensions.getExtension<TensorlsApi>(EXTENSION);
  assert.ok(found, "the extension is not there");
  return found;
}

export function api(): Promise<TensorlsApi> {
  return Promise.resolve(extension().activate());
}

export function workspaceFolder(): string {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder, "no folder is open");
  return folder.uri.fsPath;
}

/** A new name for the interpreter: another one, as far as the client can tell. */
export function aliasedPython(folder = mkdtempSync(join(workspaceFolder(), "alias-"))): string {
  const alias = join(folder, "python");
  mkdirSync(folder, { recursive: true });
  symlinkSync(PYTHON, alias);
  return alias;
}

export async function set(name: string, value: unknown): Promise<void> {
  const target = vscode.ConfigurationTarget.Workspace;
  await vscode.workspace.getConfiguration("tensorls").update(name, value, target);
}

export function useFakeServer(...flags: string[]): Promise<void> {
  const script = join(extension().extensionPath, "test", "fixtures", "fake_server.py");
  return set("server.command", [PYTHON, script, ...flags]);
}

/** Waits for a status that fits; says the last one if none came. */
export async function statusThat(fits: (status: ServerStatus) => boolean): Promise<ServerStatus> {
  const { onDidChangeStatus, status } = await api();
  if (fits(status)) return status;
  let last = status;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      listener.dispose();
      reject(new Error(`no such status; the last was ${JSON.stringify(last)}`));
    }, 30_000);
    const listener = onDidChangeStatus((next) => {
      last = next;
      if (!fits(next)) return;
      clearTimeout(timer);
      listener.dispose();
      resolve(next);
    });
  });
}

export function openPython(content: string): Thenable<vscode.TextEditor> {
  return vscode.workspace
    .openTextDocument({ language: "python", content })
    .then((document) => vscode.window.showTextDocument(document));
}
