import * as vscode from "vscode";
import { type LanguageClient, State } from "vscode-languageclient/node";
import { type Channels, createClient, refreshInlayHints } from "./client.ts";
import { buildLaunch, type Launch, sameLaunch } from "./launch.ts";
import { type Notices, problemText } from "./notices.ts";
import { parseStatus, type ServerStatus, STATUS_CHANGED, STATUS_REQUEST } from "./protocol.ts";
import { discover } from "./python/discover.ts";
import type { PythonExtension } from "./python/extensionApi.ts";
import { ServerProcess } from "./serverProcess.ts";
import { folderPaths, serverCommand } from "./settings.ts";

const STOP_GRACE_MS = 2_000;
const START_PATIENCE_MS = 60_000;

interface Running {
  readonly client: LanguageClient;
  readonly process: ServerProcess;
  readonly launch: Launch;
}

/** The server's life: started, followed, restarted when the interpreter changes, stopped. One step at a time. */
export class Session {
  private readonly changed = new vscode.EventEmitter<ServerStatus>();
  private current: ServerStatus = blank("starting", "", null);
  private running: Running | undefined;
  private queue: Promise<void> = Promise.resolve();
  private disposed = false;
  readonly onDidChangeStatus = this.changed.event;

  constructor(
    private readonly extensionPath: string,
    private readonly python: PythonExtension,
    private readonly channels: Channels,
    private readonly notices: Notices,
  ) {}

  get status(): ServerStatus {
    return this.current;
  }

  /** Starts the server, or another one where the interpreter or the command changed meanwhile. */
  refresh(): Promise<void> {
    return this.enqueue(() => this.ensure(false));
  }

  restart(): Promise<void> {
    this.notices.clear();
    // A server that hangs while it starts would keep the queue waiting.
    if (this.running?.client.state === State.Starting) void this.running.process.end(0);
    return this.enqueue(() => this.ensure(true));
  }

  refreshInlayHints(): void {
    if (this.running?.client.isRunning()) refreshInlayHints(this.running.client);
  }

  dispose(): Promise<void> {
    this.disposed = true;
    return this.enqueue(async () => {
      await this.stop();
      this.changed.dispose();
    });
  }

  private enqueue(step: () => Promise<void>): Promise<void> {
    this.queue = this.queue.then(step).catch((error: unknown) => {
      this.fail("", error instanceof Error ? error.message : String(error));
    });
    return this.queue;
  }

  private async ensure(force: boolean): Promise<void> {
    if (this.disposed) return;
    const selection = await discover(this.python, this.channels.log);
    if (selection.kind !== "found") {
      await this.stop();
      this.fail("", problemText(selection));
      return;
    }
    const { selected, host } = selection;
    const launch = buildLaunch({
      override: serverCommand(),
      host: host.path,
      selected: selected.path,
      extensionPath: this.extensionPath,
    });
    if (!force && this.running?.client.isRunning() && sameLaunch(this.running.launch, launch)) return;
    await this.stop();
    await this.start(launch, selected.path);
  }

  private async start(launch: Launch, interpreter: string): Promise<void> {
    this.show(blank("starting", interpreter, null));
    const server = new ServerProcess(launch, folderPaths()[0], this.channels.log);
    let started = false;
    const client = createClient(server, this.channels, (again) => {
      // Before it ever ran, the failure is told below.
      if (!started || this.running?.client !== client) return;
      if (again) this.show(blank("starting", interpreter, null));
      else void this.giveUp(server, interpreter);
    });
    this.running = { client, process: server, launch };
    client.onNotification(STATUS_CHANGED, (params: unknown) => this.receive(params));
    const patience = setTimeout(() => void server.end(0), START_PATIENCE_MS);
    try {
      await client.start();
      // A connection that closes while the server starts lets the promise resolve all the same.
      if (!client.isRunning()) throw new Error(vscode.l10n.t("it ended at once"));
    } catch (error) {
      await server.end(STOP_GRACE_MS);
      const reason = server.reason ?? (error instanceof Error ? error.message : String(error));
      this.fail(interpreter, vscode.l10n.t("The tensorls server did not start: {0}", reason));
      return;
    } finally {
      clearTimeout(patience);
    }
    started = true;
    await this.ask(client);
    // After a crash the client starts the server again by itself; its status has to be asked again.
    client.onDidChangeState(({ newState }) => {
      if (newState === State.Running && this.running?.client === client) void this.ask(client);
    });
  }

  /** The connection closes a moment before the system tells how the process ended. */
  private async giveUp(server: ServerProcess, interpreter: string): Promise<void> {
    await server.end(STOP_GRACE_MS);
    if (this.running?.process !== server) return;
    const reason = server.reason ?? "";
    this.fail(interpreter, vscode.l10n.t("The tensorls server stopped too often: {0}", reason));
  }

  private async ask(client: LanguageClient): Promise<void> {
    try {
      this.receive(await client.sendRequest(STATUS_REQUEST, {}));
    } catch (error) {
      this.channels.log.warn(`The server did not tell its status: ${String(error)}`);
    }
  }

  private receive(params: unknown): void {
    const status = parseStatus(params);
    if (status === undefined) {
      this.channels.log.warn(`The server sent a status that makes no sense: ${JSON.stringify(params)}`);
      return;
    }
    // While it starts, the server may not name its interpreter yet.
    this.show(status.interpreter === "" ? { ...status, interpreter: this.current.interpreter } : status);
    if (status.state === "ready") this.notices.clear();
    if (status.state === "no-torch") this.notices.noTorch(status.interpreter);
    if (status.state === "failed" && status.message !== null) this.notices.failed(status.message);
  }

  private async stop(): Promise<void> {
    const running = this.running;
    this.running = undefined;
    if (running === undefined) return;
    try {
      if (running.client.isRunning()) await running.client.stop(STOP_GRACE_MS);
    } catch (error) {
      this.channels.log.warn(`The server did not stop by itself: ${String(error)}`);
    }
    await running.process.end(STOP_GRACE_MS);
    await running.client.dispose().catch(() => undefined);
  }

  private fail(interpreter: string, message: string): void {
    this.channels.log.error(message);
    this.show(blank("failed", interpreter, message));
    this.notices.failed(message);
  }

  private show(status: ServerStatus): void {
    this.current = status;
    if (!this.disposed) this.changed.fire(status);
  }
}

function blank(state: ServerStatus["state"], interpreter: string, message: string | null): ServerStatus {
  return { state, interpreter, torch: null, numpy: null, message, version: "" };
}
