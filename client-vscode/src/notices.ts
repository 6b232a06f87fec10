import * as vscode from "vscode";
import { OLDEST, versionText } from "./python/interpreter.ts";
import type { Selection } from "./python/select.ts";

export type Problem = Exclude<Selection, { kind: "found" }>;

/** What to tell when no interpreter can be used, with the remedy. */
export function problemText(problem: Problem): string {
  const oldest = versionText(OLDEST);
  switch (problem.kind) {
    case "bad-setting": {
      const { candidate, reason } = problem.rejected;
      return vscode.l10n.t("tensorls.interpreter is not a usable Python: {0} ({1}).", candidate.path, reason);
    }
    case "none":
      return vscode.l10n.t("tensorls found no Python. Install Python {0} or newer, or select one.", oldest);
    case "too-old": {
      const { path, version } = problem.selected;
      return vscode.l10n.t(
        "tensorls needs Python {0} or newer to run; {1} is Python {2}, and no newer one was found.",
        oldest,
        path,
        versionText(version),
      );
    }
  }
}

/** Shows each problem once, not again at every restart, until it was solved in between. */
export class Notices {
  private shown: string | undefined;

  clear(): void {
    this.shown = undefined;
  }

  noTorch(interpreter: string): void {
    const text = vscode.l10n.t(
      "tensorls: there is no torch in {0}. Install it there, or select the interpreter your program uses.",
      interpreter,
    );
    this.show(text, vscode.window.showWarningMessage);
  }

  failed(text: string): void {
    this.show(text, vscode.window.showErrorMessage);
  }

  private show(
    text: string,
    how: (text: string, ...buttons: string[]) => Thenable<string | undefined>,
  ): void {
    if (this.shown === text) return;
    this.shown = text;
    const select = vscode.l10n.t("Select Interpreter");
    const logs = vscode.l10n.t("Show Logs");
    void how(text, select, logs).then((choice) => {
      if (choice === select) void vscode.commands.executeCommand("tensorls.selectInterpreter");
      if (choice === logs) void vscode.commands.executeCommand("tensorls.showLogs");
    });
  }
}
