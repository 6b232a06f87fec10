import * as vscode from "vscode";
import type { ServerStatus } from "./protocol.ts";
import type { PythonExtension } from "./python/extensionApi.ts";
import { pickInterpreter } from "./python/pick.ts";
import type { Session } from "./session.ts";

export function registerCommands(
  session: Session,
  python: PythonExtension,
  log: vscode.LogOutputChannel,
): vscode.Disposable[] {
  const { registerCommand } = vscode.commands;
  return [
    registerCommand("tensorls.restart", () => session.restart()),
    registerCommand("tensorls.showLogs", () => log.show(true)),
    registerCommand("tensorls.selectInterpreter", () => pickInterpreter(python)),
    registerCommand("tensorls.serverInfo", () => {
      const lines = infoLines(session.status);
      for (const line of lines) log.info(line);
      void offerCopy(lines);
      return session.status;
    }),
  ];
}

export function infoLines(status: ServerStatus): string[] {
  const known = (value: string | null): string => (value ? value : "-");
  return [
    `tensorls ${known(status.version)}: ${status.state}`,
    `interpreter ${known(status.interpreter)}`,
    `torch ${known(status.torch)}, numpy ${known(status.numpy)}`,
    ...(status.message === null ? [] : [status.message]),
  ];
}

async function offerCopy(lines: readonly string[]): Promise<void> {
  const copy = vscode.l10n.t("Copy");
  const choice = await vscode.window.showInformationMessage(lines.join("; "), copy);
  if (choice === copy) await vscode.env.clipboard.writeText(lines.join("\n"));
}
