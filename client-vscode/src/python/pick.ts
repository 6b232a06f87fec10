import * as vscode from "vscode";
import { interpreterSetting, mainFolder, SECTION } from "../settings.ts";
import { available } from "./discover.ts";
import { PythonExtension } from "./extensionApi.ts";
import { versionText } from "./interpreter.ts";
import { probeInterpreter } from "./probe.ts";

interface Item extends vscode.QuickPickItem {
  readonly path?: string;
}

/**
 * Lets the user choose: through the Python extension when it is there, so that both agree, else by a list. An explicit
 * setting outranks the Python extension, so where there is one, only the list can change anything.
 */
export async function pickInterpreter(python: PythonExtension): Promise<void> {
  if (PythonExtension.isInstalled && interpreterSetting() === "") {
    await vscode.commands.executeCommand("python.setInterpreter");
    return;
  }
  const choice = await vscode.window.showQuickPick(offered(python), {
    placeHolder: vscode.l10n.t("Interpreter whose torch and NumPy answer"),
  });
  if (choice === undefined) return;
  const path = choice.path ?? (await browse());
  if (path === undefined) return;
  const target = mainFolder() ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
  await vscode.workspace.getConfiguration(SECTION).update("interpreter", path, target);
}

async function offered(python: PythonExtension): Promise<Item[]> {
  const seen = new Set<string>();
  const items: Item[] = [];
  const answers = (await available(python, false)).map(async ({ path }) => probeInterpreter(path));
  for (const answer of await Promise.all(answers)) {
    if (!answer.ok || seen.has(answer.executable)) continue;
    seen.add(answer.executable);
    const label = `Python ${versionText(answer.version)}`;
    items.push({ label, description: answer.executable, path: answer.executable });
  }
  return [...items, { label: vscode.l10n.t("Browse…") }];
}

async function browse(): Promise<string | undefined> {
  const files = await vscode.window.showOpenDialog({ title: vscode.l10n.t("Choose a Python interpreter") });
  return files?.[0]?.fsPath;
}
