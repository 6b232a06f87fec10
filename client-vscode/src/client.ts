import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  InlayHintRequest,
  LanguageClient,
  type LanguageClientOptions,
  RevealOutputChannelOn,
  State,
} from "vscode-languageclient/node";
import { CrashGuard } from "./crashGuard.ts";
import type { ServerProcess } from "./serverProcess.ts";
import { initializationOptions, inlayHintsEnabled, SECTION } from "./settings.ts";

/** Python in files, unsaved editors and notebook cells. */
export const SELECTOR = [
  { scheme: "file", language: "python" },
  { scheme: "untitled", language: "python" },
  { scheme: "vscode-notebook-cell", language: "python" },
];

export interface Channels {
  readonly log: vscode.LogOutputChannel;
  readonly trace: vscode.OutputChannel;
}

/** `onCrash` hears that the server ended unasked, and whether it is being started again. */
export function createClient(
  server: ServerProcess,
  channels: Channels,
  onCrash: (again: boolean) => void,
): LanguageClient {
  const guard = new CrashGuard();
  let everRan = false;
  const options: LanguageClientOptions = {
    documentSelector: SELECTOR,
    outputChannel: channels.log,
    traceOutputChannel: channels.trace,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationOptions,
    synchronize: { configurationSection: SECTION },
    // What went wrong is told once, by the session.
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        const again = everRan && guard.mayRestart();
        onCrash(again);
        return { action: again ? CloseAction.Restart : CloseAction.DoNotRestart, handled: true };
      },
    },
    middleware: {
      provideInlayHints: (document, range, token, next) =>
        inlayHintsEnabled(document.uri) ? next(document, range, token) : [],
    },
  };
  const client = new LanguageClient(SECTION, "tensorls", () => server.spawn(), options);
  client.onDidChangeState(({ newState }) => {
    everRan ||= newState === State.Running;
  });
  return client;
}

/** Asks the editor to fetch the inlay hints anew, after the setting changed. */
export function refreshInlayHints(client: LanguageClient): void {
  const feature = client.getFeature(InlayHintRequest.method);
  for (const document of vscode.workspace.textDocuments) {
    feature.getProvider(document)?.onDidChangeInlayHints.fire();
  }
}
