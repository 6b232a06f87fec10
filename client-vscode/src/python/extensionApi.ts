import * as vscode from "vscode";

export const PYTHON_EXTENSION = "ms-python.python";

/** The part of the Python extension's public API that is used here. */
interface PythonApi {
  readonly ready?: Promise<void>;
  readonly environments?: {
    getActiveEnvironmentPath(resource?: vscode.Uri): EnvironmentPath;
    resolveEnvironment(path: EnvironmentPath): Promise<ResolvedEnvironment | undefined>;
    readonly onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}

interface EnvironmentPath {
  readonly id: string;
  readonly path: string;
}

interface ResolvedEnvironment {
  readonly executable: { readonly uri: vscode.Uri | undefined };
}

/** The Python extension discovers environments in the background; the server should not wait for all of it. */
const PATIENCE_MS = 10_000;

/** Follows the environment that the user selects in the Python extension, when that is installed. */
export class PythonExtension implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly subscriptions: vscode.Disposable[] = [this.changed];
  private subscribed = false;
  readonly onDidChange = this.changed.event;

  constructor(private readonly log: vscode.LogOutputChannel) {
    // Installing, enabling or removing the Python extension changes the answer too.
    this.subscriptions.push(vscode.extensions.onDidChange(() => this.changed.fire()));
  }

  static get isInstalled(): boolean {
    return vscode.extensions.getExtension(PYTHON_EXTENSION) !== undefined;
  }

  /** The selected environment's interpreter; undefined without the extension, or when it does not say. */
  async interpreter(resource: vscode.Uri | undefined): Promise<string | undefined> {
    try {
      return await within(PATIENCE_MS, this.ask(resource));
    } catch (error) {
      this.log.warn(`The Python extension did not name an interpreter: ${String(error)}`);
      return undefined;
    }
  }

  private async ask(resource: vscode.Uri | undefined): Promise<string | undefined> {
    const extension = vscode.extensions.getExtension<PythonApi>(PYTHON_EXTENSION);
    if (extension === undefined) return undefined;
    const api = extension.isActive ? extension.exports : await extension.activate();
    await api.ready;
    const environments = api.environments;
    if (environments === undefined) return undefined;
    if (!this.subscribed) {
      this.subscribed = true;
      this.subscriptions.push(environments.onDidChangeActiveEnvironmentPath(() => this.changed.fire()));
    }
    const active = environments.getActiveEnvironmentPath(resource);
    // The active path may be a folder (conda) or a bare name; the resolved one is an executable.
    const resolved = await environments.resolveEnvironment(active);
    return resolved?.executable.uri?.fsPath ?? active.path;
  }

  dispose(): void {
    for (const one of this.subscriptions) one.dispose();
  }
}

function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer in ${milliseconds / 1000} s`)), milliseconds);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
