import * as vscode from "vscode";
import { SELECTOR } from "./client.ts";
import type { ServerStatus } from "./protocol.ts";
import { type StatusView, statusView } from "./statusView.ts";

/** The entry in the language status of Python editors: interpreter, torch version and state. */
export class StatusItem implements vscode.Disposable {
  private readonly item = vscode.languages.createLanguageStatusItem("tensorls.status", SELECTOR);

  constructor() {
    this.item.name = "tensorls";
  }

  show(status: ServerStatus): void {
    const view = statusView(status, vscode.l10n.t);
    this.item.text = view.text;
    this.item.detail = view.detail;
    this.item.busy = view.busy;
    this.item.severity = severity(view);
    this.item.command = { title: actionTitle(view.action), command: `tensorls.${view.action}` };
  }

  dispose(): void {
    this.item.dispose();
  }
}

function severity({ severity }: StatusView): vscode.LanguageStatusSeverity {
  if (severity === "error") return vscode.LanguageStatusSeverity.Error;
  if (severity === "warning") return vscode.LanguageStatusSeverity.Warning;
  return vscode.LanguageStatusSeverity.Information;
}

function actionTitle(action: StatusView["action"]): string {
  if (action === "selectInterpreter") return vscode.l10n.t("Select Interpreter");
  if (action === "showLogs") return vscode.l10n.t("Show Logs");
  return vscode.l10n.t("Show Server Information");
}
