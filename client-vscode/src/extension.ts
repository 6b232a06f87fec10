import * as vscode from "vscode";
import { registerCommands } from "./commands.ts";
import { Notices } from "./notices.ts";
import type { ServerStatus } from "./protocol.ts";
import { PythonExtension } from "./python/extensionApi.ts";
import { Session } from "./session.ts";
import { LAUNCH_SETTINGS } from "./settings.ts";
import { StatusItem } from "./statusItem.ts";

/** What other extensions, and the tests, may ask. */
export interface TensorlsApi {
  readonly status: ServerStatus;
  readonly onDidChangeStatus: vscode.Event<ServerStatus>;
}

/** VS Code waits for `deactivate`, not for disposables: the server has to be ended there. */
let session: Session | undefined;

export function activate(context: vscode.ExtensionContext): TensorlsApi {
  const log = vscode.window.createOutputChannel("tensorls", { log: true });
  const trace = vscode.window.createOutputChannel("tensorls trace");
  const python = new PythonExtension(log);
  const item = new StatusItem();
  const current = new Session(context.extensionPath, python, { log, trace }, new Notices());
  session = current;
  item.show(current.status);

  const refresh = (): void => void current.refresh();
  context.subscriptions.push(
    log,
    trace,
    python,
    item,
    current.onDidChangeStatus((status) => item.show(status)),
    ...registerCommands(current, python, log),
    python.onDidChange(refresh),
    vscode.workspace.onDidChangeWorkspaceFolders(refresh),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void current.restart()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (LAUNCH_SETTINGS.some((setting) => event.affectsConfiguration(setting))) refresh();
      if (event.affectsConfiguration("tensorls.inlayHints")) current.refreshInlayHints();
    }),
  );
  // Not awaited: activation has to be over at once, and the status item tells how it goes on.
  refresh();
  return {
    get status() {
      return current.status;
    },
    onDidChangeStatus: current.onDidChangeStatus,
  };
}

export async function deactivate(): Promise<void> {
  await session?.dispose();
  session = undefined;
}
